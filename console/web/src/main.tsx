// The page: puts its parts together and listens to the keyboard.
import { effect } from "@preact/signals";
import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import "./sources.css";
import { acknowledge, dialog } from "./engine/actions";
import { AlarmList } from "./view/alarmlist";
import { Banner, Notices, Spoken } from "./view/banner";
import { Detail } from "./view/detail";
import { Dialogs } from "./view/dialogs";
import { FoundList } from "./view/foundlist";
import { Header } from "./view/header";
import { connect, lost } from "./engine/link";
import { alarmOf, chosen, detailOpen, keyboardHolds, letGo, move, onlyLevel, search } from "./engine/list";
import { mute, muted } from "./engine/settings";
import { startSound } from "./engine/sound";
import { Sources } from "./view/sources";
import { site } from "./engine/store";
import { Hatch } from "./view/symbol";
import { TicketList } from "./view/ticketlist";
import { LEVELS } from "./words/levels";
import { words } from "./words/words";

function Page() {
  return (
    <>
      <Hatch />
      <Header />
      <Banner />
      <Notices />
      <main>
        <Sources />
        <div class="middle">
          <AlarmList />
          <TicketList />
          <FoundList />
        </div>
        <Detail />
      </main>
      <Dialogs />
      <Spoken />
    </>
  );
}

function escape(): void {
  if (detailOpen.value) detailOpen.value = false;
  letGo();
  (document.activeElement as HTMLElement | null)?.blur();
}

const KEYS: Record<string, () => void> = {
  ArrowDown: () => (keyboardHolds(), move(1)),
  ArrowUp: () => (keyboardHolds(), move(-1)),
  Enter: () => (detailOpen.value = true),
  Escape: escape,
  a: () => chosen.value !== null && acknowledge(chosen.value),
  t: () => {
    const number = chosen.value === null ? null : alarmOf(chosen.value)?.ticket;
    if (number) dialog.value = { kind: "ticket", number };
  },
  m: () => mute(!muted.value),
  "/": () => document.getElementById("filter")?.focus(),
  "?": () => (dialog.value = { kind: "help" }),
};
LEVELS.forEach((level, index) => (KEYS[String(index + 1)] = () => (onlyLevel.value = onlyLevel.value === level ? null : level)));

document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.key === "a" || dialog.value !== null) return;
  const typing = target.matches("input, select, textarea");
  if (typing && event.key !== "Escape") return;
  if (event.key === "Enter" && target.matches("button")) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act === undefined) return;
  event.preventDefault();
  if (typing) search.value = "";
  act();
});

effect(() => {
  document.title = `${lost.value ? "✕ " : ""}${words.value.console} · ${site.value?.name ?? "Hazwatch"}`;
  document.body.classList.toggle("lost", lost.value !== false);
});

// Preact moves rows with moveBefore() where there is one; Chromium (seen in 156) then forgets that their class changed in
// the same frame, and shows a returned alarm as one that waits. Without it Preact uses insertBefore(), which is right.
(Element.prototype as { moveBefore?: unknown }).moveBefore = undefined;

connect();
startSound();
render(<Page />, document.body);
