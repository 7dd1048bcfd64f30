/** Texts of the inbox page. */
export const words = {
  en: {
    title: "Demo inbox",
    lead: "What the demo site was sent: e-mails and webhooks, newest first. The page renews itself.",
    empty: "Nothing yet. A first fault comes within a minute; it is told once its device is collected.",
    email: "E-mail",
    webhook: "Webhook",
    to: "to",
    body: "Content",
    faults: "Faults now",
    noFault: "none",
    other: "繁體中文",
    faultNames: {
      over_current: "over-current",
      on_battery: "on battery",
      high_temperature: "high temperature",
      silent: "does not answer",
    },
  },
  "zh-TW": {
    title: "示範收件匣",
    lead: "示範場域收到的通知：電子郵件與 Webhook，最新的在最上面。頁面會自動更新。",
    empty: "目前沒有通知。第一個故障會在一分鐘內發生；設備開始採集後就會收到通知。",
    email: "電子郵件",
    webhook: "Webhook",
    to: "寄給",
    body: "內容",
    faults: "目前故障",
    noFault: "無",
    other: "English",
    faultNames: { over_current: "過電流", on_battery: "電池供電", high_temperature: "溫度過高", silent: "無回應" },
  },
} as const;

export type Language = keyof typeof words;

/** The language asked for by the address, else by the browser. */
export function languageOf(query: string | null, acceptLanguage: string | undefined): Language {
  if (query === "en" || query === "zh-TW") return query;
  return /^zh\b/i.test(acceptLanguage ?? "") ? "zh-TW" : "en";
}
