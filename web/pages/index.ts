import { definePage } from "../page.ts";
import { alertData } from "./alert/data.ts";
import { alertView } from "./alert/view.ts";
import { deviceData } from "./device/data.ts";
import { deviceView } from "./device/view.ts";
import { devicesData } from "./devices/data.ts";
import { devicesView } from "./devices/view.ts";
import { eventsData } from "./events/data.ts";
import { eventsView } from "./events/view.ts";
import { findData } from "./find/data.ts";
import { findView } from "./find/view.ts";
import { gridStatusData } from "./grid-status/data.ts";
import { gridStatusView } from "./grid-status/view.ts";
import { helpData } from "./help/data.ts";
import { helpView } from "./help/view.ts";
import { jobData } from "./job/data.ts";
import { jobView } from "./job/view.ts";
import { jobsData } from "./jobs/data.ts";
import { jobsView } from "./jobs/view.ts";
import { overviewData } from "./overview/data.ts";
import { overviewView } from "./overview/view.ts";
import { passwordData } from "./password/data.ts";
import { passwordView } from "./password/view.ts";
import { peopleData } from "./people/data.ts";
import { peopleView } from "./people/view.ts";
import { pluginsData } from "./plugins/data.ts";
import { pluginsView } from "./plugins/view.ts";
import { recordStatusData } from "./record-status/data.ts";
import { recordStatusView } from "./record-status/view.ts";
import { rolloutData } from "./rollout/data.ts";
import { rolloutView } from "./rollout/view.ts";
import { ruleData } from "./rule/data.ts";
import { ruleView } from "./rule/view.ts";
import { rulesData } from "./rules/data.ts";
import { rulesView } from "./rules/view.ts";
import { scanData } from "./scan/data.ts";
import { scanView } from "./scan/view.ts";
import { searchData } from "./search/data.ts";
import { searchView } from "./search/view.ts";
import { storesData } from "./stores/data.ts";
import { storesView } from "./stores/view.ts";
import { systemData } from "./system/data.ts";
import { systemView } from "./system/view.ts";

/** Every page there is, by the name of its folder. Which of them are on, and in what order, says `conf/pages.yaml`. */
export const pages = {
  overview: definePage({ data: overviewData, view: overviewView }),
  "record-status": definePage({ data: recordStatusData, view: recordStatusView }),
  alert: definePage({ data: alertData, view: alertView }),
  rollout: definePage({ data: rolloutData, view: rolloutView }),
  "grid-status": definePage({ data: gridStatusData, view: gridStatusView }),
  devices: definePage({ data: devicesData, view: devicesView }),
  device: definePage({ data: deviceData, view: deviceView }),
  find: definePage({ data: findData, view: findView }),
  scan: definePage({ data: scanData, view: scanView }),
  rules: definePage({ data: rulesData, view: rulesView }),
  rule: definePage({ data: ruleData, view: ruleView }),
  people: definePage({ data: peopleData, view: peopleView }),
  system: definePage({ data: systemData, view: systemView }),
  jobs: definePage({ data: jobsData, view: jobsView }),
  job: definePage({ data: jobData, view: jobView }),
  events: definePage({ data: eventsData, view: eventsView }),
  stores: definePage({ data: storesData, view: storesView }),
  plugins: definePage({ data: pluginsData, view: pluginsView }),
  help: definePage({ data: helpData, view: helpView }),
  search: definePage({ data: searchData, view: searchView }),
  password: definePage({ data: passwordData, view: passwordView }),
};
