import type { NotificationMessage } from "#pkg/contracts/notifier.ts";

/** The texts of a mail in one language. */
export interface Words {
  firing: string;
  resolved: string;
  test: string;
  testText: string;
  levels: Readonly<Record<string, string>>;
  level: string;
  value: string;
  began: string;
  ended: string;
  labels: string;
  open: string;
}

/** Both languages, key by key. */
export const words: Readonly<Record<NotificationMessage["locale"], Words>> = {
  en: {
    firing: "Firing",
    resolved: "Resolved",
    test: "Test",
    testText: "This is a test message. Nothing is wrong.",
    levels: { info: "Info", warning: "Warning", critical: "Critical" },
    level: "Level",
    value: "Value",
    began: "Began",
    ended: "Ended",
    labels: "Labels",
    open: "Open in Detectviz",
  },
  "zh-TW": {
    firing: "告警中",
    resolved: "已恢復",
    test: "測試",
    testText: "這是一則測試訊息，沒有任何異常。",
    levels: { info: "資訊", warning: "警告", critical: "嚴重" },
    level: "等級",
    value: "數值",
    began: "開始",
    ended: "結束",
    labels: "標籤",
    open: "在 Detectviz 開啟",
  },
};
