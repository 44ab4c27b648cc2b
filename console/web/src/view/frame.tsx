// The frame of every dialog: its title, the button that closes it, and where it is drawn.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { dialog, failure } from "../engine/actions";
import { words } from "../words/words";

export function close(): void {
  dialog.value = null;
  failure.value = null;
}

export function Frame({ title, wide, children }: { title: string; wide?: boolean; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current!.showModal(), []);
  return (
    <dialog ref={element} class={wide ? "over" : undefined} onClose={close} aria-label={title}>
      <h2>
        {title}
        <button class="x" type="button" aria-label={words.value.close} title={words.value.close} onClick={close}>
          ×
        </button>
      </h2>
      {children}
    </dialog>
  );
}
