// What a reader chose, kept on this machine.
import { effect, signal } from "@preact/signals";

export type Language = "zh" | "en";
export type Theme = "dark" | "light";

function kept(key: string): string | null {
  try {
    return localStorage.getItem(`hazwatch.${key}`);
  } catch {
    return null; // storage is switched off: choices last as long as the page
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`hazwatch.${key}`, value);
  } catch {
    return;
  }
}

const prefersLight = matchMedia("(prefers-color-scheme: light)").matches;

export const language = signal<Language>(kept("language") === "en" ? "en" : "zh");
export const theme = signal<Theme>((kept("theme") as Theme | null) ?? (prefersLight ? "light" : "dark"));
export const person = signal(kept("person") ?? "");
export const muted = signal(kept("muted") === "yes");

export function chooseLanguage(next: Language): void {
  keep("language", (language.value = next));
}

export function chooseTheme(next: Theme): void {
  keep("theme", (theme.value = next));
}

export function signOn(name: string): void {
  keep("person", (person.value = name));
}

export function mute(on: boolean): void {
  muted.value = on;
  keep("muted", on ? "yes" : "no");
}

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
  document.documentElement.dataset["theme"] = theme.value;
});
