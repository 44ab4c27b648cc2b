// Every word of the page, in both languages; tsc refuses a key that one of them lacks.
import { computed } from "@preact/signals";
import { language } from "../engine/settings";
import type { Text } from "../types";

const zh = {
  console: "调度台",
  colon: "：", stop: "。",
  red: "红", orange: "橙", yellow: "黄", blue: "蓝", unknown: "未知", normal: "正常",
  unackedOfStanding: "未确认 / 全部",
  points_in_doubt: "数据不可信的测点",
  annunciated: "10 min 报警",
  sources: "数据源",
  source: (id: string, up: boolean, fresh: boolean, skew: string) =>
    `${id}：${up ? (fresh ? "已连接" : "已连接，数据过旧") : "未连接"}${skew && `，时钟 ${skew}`}`,
  live: "实时", lost: "中断",
  lostTitle: "与监控主机失去连接",
  lostText: (time: string, tries: number) =>
    `画面停在 ${time}，不是当前数据。正在重连（第 ${tries} 次）。请按应急程序人工核实井下数据。`,
  connecting: "正在连接监控主机…",
  sound: "声音 (M)", soundOn: "声音开", soundOff: "已静音", soundBlocked: "点击页面后才有声音",
  theme: "明暗", language: "English", languageName: "切换到英文",
  person: "调度员", noPerson: "登记姓名", help: "帮助 (?)",
  hazardSources: "重大危险源", byLevel: "按等级", grade: (grade: string) => `${grade} 级`, assessed: "评估等级",
  alarms: "报警", all: "当前", unackedOnly: "未确认", filter: "筛选：测点、地点、编号 ( / )",
  hiddenByFilter: (n: number) => `筛选隐藏 ${n} 条`, clearFilter: "取消筛选",
  arrived: (n: number) => `${n} 条新报警`, show: "显示",
  noAlarms: "没有报警", noMatch: "没有符合筛选的报警",
  state: "状态", since: "发生", content: "内容", value: "当前 · 设定", ticket: "治理单", action: "操作",
  whenRaised: "报警时",
  unacked: "未确认", acked: "已确认", rtn_unacked: "已恢复 · 未确认", gone: "已恢复",
  acknowledge: "确认", recorded: "记录于",
  newAlarm: (what: string) => `新报警：${what}`,
  tickets: "事故隐患治理单", byDue: "按治理期限", noTickets: "没有未销号的治理单", handle: "处理", rise: "上升", episodes: (n: number) => `${n} 次报警`,
  earlierLines: (n: number) => `此前 ${n} 条`,
  steps: ["登记", "分级", "治理", "督办", "验收", "销号"],
  registered: "待分级治理", rectification: "治理中", acceptance: "待验收", closed: "已销号",
  rectify: "开始治理", submit: "提交验收", accept: "验收销号", refuse: "验收退回",
  open: "登记", attach: "再次报警",
  overdue: (d: string) => `超期 ${d}`, left: (d: string) => `剩余 ${d}`, opened: (d: string) => `已登记 ${d}`,
  responsible: "责任人", measures: "治理措施", dueDate: "治理期限（日期）", shiftEnd: "治理期限（班次结束时刻）", note: "说明", reason: "退回原因",
  history: "经过", engine: "系统", noActions: "现在没有可做的操作",
  foundLate: "补传数据超限", foundWhy: "断线期间的数据，补传后才知道；不是当前报警", foundAt: (time: string) => `发现于 ${time}`,
  beganAt: (time: string) => `报警实际始于 ${time}`, noReturn: (time: string) => `${time} 起，未见恢复`, toAnalyse: "须分析",
  analyse: "分析", analysis: "分析结论", analysed: "已分析", foundMeans: "没有因此改变任何报警和治理单。需要整改的，另行登记。",
  unevaluated: "未及时判断", quality: "质量", GOOD: "正常", UNCERTAIN: "可疑", BAD: "无效",
  sourceTime: "源时间", arrival: "到达", badSince: (time: string) => `${time} 起不可信`, stale: "数据中断",
  never: "还没有数据", point: "测点",
  chart: (name: string, range: string) => `${name} ${range}趋势`, zoomed: "放大", wholeRange: "还原",
  trendFailed: "趋势读取失败", loading: "正在读取…", nothingHere: "这段时间没有数据", dragToZoom: "拖动放大，双击还原", raw: "原始点",
  restores: "解除", forecast: "预测", whatToDo: "处置措施", within: (d: string) => `${d} 内处置。`, noResponse: "现场文件没有写处置措施：此报警不完整。",
  consequence: "后果", basis: "设定依据", thisEpisode: "本次报警",
  raised: "报警", returned: "恢复", ackedBy: (by: string) => `${by} 确认`, waiting: (d: string) => `等待确认，${d}`, now: "现在",
  lasting: (d: string) => `持续 ${d}`, registeredAs: "治理单",
  nothingChosen: "选择一个危险源或一条报警", close: "关闭", cancel: "取消", save: "确定",
  askName: "谁在值班？", askNameWhy: "姓名记入每次确认和治理单操作。保存在本机。", name: "姓名",
  refused: "未被接受", unreachable: "没有送达，请重试", notDurable: "已执行，但还没有写入磁盘",
  reasons: {
    unknown_alarm: "没有这条报警", unknown_ticket: "没有这张治理单", episode_over: "这次报警已经结束，请看新的一次",
    rule_in_force: "规则仍然有效", same_person: "治理人不能自己验收", alarm_stands: "报警仍然存在，不能验收",
    in_doubt: "测点数据不可信，不能验收", key_reused: "操作编号重复", unknown_find: "没有这条发现", analysed: "已有人分析过", not_accepted: "当前状态不接受此操作", malformed: "填写有误",
  } as Record<string, string>,
  rules: "规则", ruleSet: "规则集", presentation: "告知内容（文字、治理单、名称、单位、等级）", version: "版本", inForceSince: "生效", author: "编制人", approver: "批准人",
  approved: "批准时间", why: "原因", nobody: "未知", notApproved: "首次启动时取自现场文件，未经批准",
  keys: "键盘",
  keyList: [
    ["↑ ↓", "上一条、下一条报警"], ["Enter", "打开详情"], ["A", "确认选中的报警"], ["T", "打开它的治理单"],
    ["/", "筛选"], ["1 – 4", "只看红、橙、黄、蓝"], ["M", "静音"], ["Esc", "松开列表，关闭详情"], ["?", "帮助"],
  ],
};

export type Words = typeof zh;

const en: Words = {
  console: "Dispatch",
  colon: ": ", stop: ". ",
  red: "Red", orange: "Orange", yellow: "Yellow", blue: "Blue", unknown: "Unknown", normal: "Normal",
  unackedOfStanding: "unacknowledged / all",
  points_in_doubt: "points in doubt",
  annunciated: "Alarms / 10 min",
  sources: "Sources",
  source: (id, up, fresh, skew) =>
    `${id}: ${up ? (fresh ? "connected" : "connected, data are old") : "not connected"}${skew && `, clock ${skew}`}`,
  live: "Live", lost: "Lost",
  lostTitle: "Connection to the engine lost",
  lostText: (time, tries) =>
    `The picture stopped at ${time} and is not current. Reconnecting (attempt ${tries}). Verify underground values by hand, as the emergency procedure says.`,
  connecting: "Connecting to the engine…",
  sound: "Sound (M)", soundOn: "Sound on", soundOff: "Muted", soundBlocked: "Sound starts after a click",
  theme: "Theme", language: "中文", languageName: "Switch to Chinese",
  person: "On duty", noPerson: "Enter name", help: "Help (?)",
  hazardSources: "Hazard sources", byLevel: "by level", grade: (grade) => `Grade ${grade}`, assessed: "Assessed grade",
  alarms: "Alarms", all: "Current", unackedOnly: "Unacknowledged", filter: "Filter: point, place, id ( / )",
  hiddenByFilter: (n) => `${n} hidden by filter`, clearFilter: "Clear",
  arrived: (n) => (n === 1 ? "1 new alarm" : `${n} new alarms`), show: "Show",
  noAlarms: "No alarms", noMatch: "No alarm matches the filter",
  state: "State", since: "Since", content: "What", value: "Value · setpoint", ticket: "Ticket", action: "Action",
  whenRaised: "when raised",
  unacked: "Unacknowledged", acked: "Acknowledged", rtn_unacked: "Returned, unack.", gone: "Returned",
  acknowledge: "Ack", recorded: "recorded",
  newAlarm: (what) => `New alarm: ${what}`,
  tickets: "Hazard tickets", byDue: "by deadline", noTickets: "No open tickets", handle: "Open", rise: "rising",
  earlierLines: (n) => `${n} earlier`,
  episodes: (n) => (n === 1 ? "1 alarm" : `${n} alarms`),
  steps: ["Reg.", "Grade", "Rectify", "Superv.", "Accept", "Close"],
  registered: "to be graded and rectified", rectification: "in rectification", acceptance: "awaits acceptance", closed: "closed",
  rectify: "Start rectification", submit: "Submit for acceptance", accept: "Accept and close", refuse: "Refuse",
  open: "Registered", attach: "Alarm again",
  overdue: (d) => `${d} overdue`, left: (d) => `${d} left`, opened: (d) => `open for ${d}`,
  responsible: "Responsible", measures: "Measures", dueDate: "Due date", shiftEnd: "End of the shift", note: "Note", reason: "What is missing",
  history: "History", engine: "system", noActions: "Nothing can be done now",
  foundLate: "Found late", foundWhy: "in data that came after the fact; not alarms of now", foundAt: (time) => `found ${time}`,
  beganAt: (time) => `the alarm began at ${time}`, noReturn: (time) => `from ${time}, no return seen`, toAnalyse: "to be analysed",
  analyse: "Analyse", analysis: "Result of the analysis", analysed: "Analysed",
  foundMeans: "No alarm and no ticket changed by it. Register what has to be rectified.",
  unevaluated: "not evaluated in time", quality: "Quality", GOOD: "good", UNCERTAIN: "uncertain", BAD: "bad",
  sourceTime: "Source time", arrival: "Arrival", badSince: (time) => `not reliable since ${time}`, stale: "no new data",
  never: "no data yet", point: "Point",
  chart: (name, range) => `${name}, trend of ${range}`, zoomed: "Zoomed", wholeRange: "Reset",
  trendFailed: "The trend could not be read", loading: "Reading…", nothingHere: "No data in this period", dragToZoom: "Drag to zoom, double-click to reset", raw: "raw samples",
  restores: "clear", forecast: "Forecast", whatToDo: "What to do", within: (d) => `Within ${d}.`,
  noResponse: "The site file gives no response: this alarm is incomplete.",
  consequence: "Consequence", basis: "Basis", thisEpisode: "This alarm",
  raised: "Raised", returned: "Returned", ackedBy: (by) => `Acknowledged by ${by}`, waiting: (d) => `waiting for acknowledgement, ${d}`, now: "Now",
  lasting: (d) => `has lasted ${d}`, registeredAs: "Ticket",
  nothingChosen: "Choose a hazard source or an alarm", close: "Close", cancel: "Cancel", save: "OK",
  askName: "Who is on duty?", askNameWhy: "The name goes with every acknowledgement and ticket action. Kept on this machine.", name: "Name",
  refused: "Not accepted", unreachable: "Not delivered, please try again",
  notDurable: "Done, but not on the disk yet",
  reasons: {
    unknown_alarm: "There is no such alarm", unknown_ticket: "There is no such ticket",
    episode_over: "This episode is over, look at the new one", rule_in_force: "The rule is still in force",
    same_person: "The person who rectified it cannot accept it", alarm_stands: "The alarm still stands, so it cannot be accepted",
    in_doubt: "The point is in doubt, so it cannot be accepted", key_reused: "The request's key was used before",
    unknown_find: "There is no such finding", analysed: "It has been analysed already",
    not_accepted: "Not accepted in its present state", malformed: "Something is filled in wrongly",
  },
  rules: "Rules", ruleSet: "Rule-set", presentation: "Presentation (texts, tickets, names, units, grades)",
  version: "Version", inForceSince: "In force since", author: "Author", approver: "Approver",
  approved: "Approved", why: "Reason", nobody: "unknown", notApproved: "Taken from the site file at the first start; nobody approved it",
  keys: "Keyboard",
  keyList: [
    ["↑ ↓", "previous, next alarm"], ["Enter", "open the details"], ["A", "acknowledge the chosen alarm"], ["T", "open its ticket"],
    ["/", "filter"], ["1 – 4", "only red, orange, yellow, blue"], ["M", "mute"], ["Esc", "release the list, close the details"], ["?", "help"],
  ],
};

export const words = computed<Words>(() => (language.value === "zh" ? zh : en));

/** A text of the site file in the reader's language, or in the other one if that is missing. */
export function say(text: Text): string {
  return (language.value === "zh" ? text.zh || text.en : text.en || text.zh) || "";
}

/** The language of a text of the site file where it is not the page's: browsers read, hyphenate and set it by that. */
export function tongue(text: string): "zh-CN" | undefined {
  return language.value === "en" && /\p{Script=Han}/u.test(text) ? "zh-CN" : undefined;
}
