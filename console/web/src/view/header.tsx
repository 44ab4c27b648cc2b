// The bar on top: what waits, by level; whether the page lives; who is on duty.
import { Symbol } from "./symbol";
import { dialog } from "../engine/actions";
import { timeOfDay } from "../words/format";
import { lost } from "../engine/link";
import { chooseLanguage, chooseTheme, language, mute, muted, person, theme } from "../engine/settings";
import { blocked } from "../engine/sound";
import { annunciated, counts, hazardSources, links, now, site } from "../engine/store";
import { LEVELS } from "../words/levels";
import { clockError } from "../words/sourcewords";
import { words } from "../words/words";

export function Header() {
  const text = words.value;
  const doubtful = [...hazardSources.value.values()].reduce((sum, source) => sum + source.doubtful, 0);
  const up = [...links.value.values()].filter((link) => link.connected).length;
  const approved = site.value === null || site.value.rule_set.approver !== null;
  return (
    <header>
      <h1>
        {site.value?.name}
        <span>{text.console}</span>
      </h1>
      <ol class="counts">
        {LEVELS.map((level) => {
          const { unacked, all } = counts.value.get(level)!;
          return (
            <li key={level} title={`${text[level]}${text.colon}${text.unackedOfStanding}`} data-level={level}>
              <Symbol sign={level} />
              {text[level]} <b>{unacked}</b>
              <i>/{all}</i>
            </li>
          );
        })}
        <li title={text.points_in_doubt} data-level="unknown">
          <Symbol sign="unknown" />
          {text.unknown} <b>{doubtful}</b>
        </li>
      </ol>
      <ul class="health">
        <li>
          {text.annunciated} <b>{annunciated.value}</b>
          <i>/10</i>
        </li>
        <li>
          <button
            id="sources"
            title={[...links.value.values()].map((link) => text.source(link.id, link.connected, link.fresh, link.skew === null ? "" : clockError(link.skew))).join("\n")}
            onClick={() => (dialog.value = { kind: "sources" })}
          >
            {text.sources} <b>{up}</b>
            <i>/{links.value.size}</i>
          </button>
        </li>
        <li class="live">
          <span class="beat" key={now.value} />
          {lost.value ? text.lost : text.live} <b>{now.value ? timeOfDay(now.value) : "--:--:--"}</b>
        </li>
      </ul>
      <nav>
        <button
          aria-pressed={!muted.value}
          title={`${text.sound}${text.colon}${muted.value ? text.soundOff : blocked.value ? text.soundBlocked : text.soundOn}`}
          aria-label={muted.value ? text.soundOff : text.soundOn}
          onClick={() => mute(!muted.value)}
        >
          {muted.value ? <s>♪</s> : blocked.value ? "♪ ?" : "♪"}
        </button>
        <button title={text.theme} aria-label={text.theme} onClick={() => chooseTheme(theme.value === "dark" ? "light" : "dark")}>
          ◐
        </button>
        <button
          id="language"
          lang={language.value === "zh" ? "en" : "zh-CN"}
          title={text.languageName}
          onClick={() => chooseLanguage(language.value === "zh" ? "en" : "zh")}
        >
          {text.language}
        </button>
        <button title={text.person} onClick={() => (dialog.value = { kind: "person", then: null })}>
          {person.value || text.noPerson}
        </button>
        <button
          class="wide"
          id="rules"
          title={`${text.ruleSet} ${site.value?.rules ?? ""}${approved ? "" : `${text.colon}${text.notApproved}`}`}
          onClick={() => (dialog.value = { kind: "rules" })}
        >
          {text.rules}
          {!approved && " ?"}
        </button>
        <button class="wide" title={text.help} aria-label={text.help} onClick={() => (dialog.value = { kind: "help" })}>
          ?
        </button>
      </nav>
    </header>
  );
}
