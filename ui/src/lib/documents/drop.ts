/** Files dropped on a part of the page. */
import type { Attachment } from 'svelte/attachments';

export interface Dropping {
  /** Files are over it now. */
  over: (over: boolean) => void;
  files: (files: File[]) => void;
}

/** Takes the files dropped on an element; anything else dropped there is left to the browser. */
export function takesFiles({ over, files }: Dropping): Attachment<HTMLElement> {
  return (element) => {
    let depth = 0; // entering a child comes before leaving its parent
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const listeners: Record<string, (event: DragEvent) => void> = {
      dragenter: () => over(++depth > 0),
      dragleave: () => over(--depth > 0),
      dragover: () => {},
      drop: (event) => {
        depth = 0;
        over(false);
        files([...(event.dataTransfer?.files ?? [])]);
      },
    };
    const listening = Object.entries(listeners).map(([kind, act]) => {
      const listen = (event: Event) => {
        if (!holdsFiles(event as DragEvent)) return;
        event.preventDefault();
        act(event as DragEvent);
      };
      element.addEventListener(kind, listen);
      return () => element.removeEventListener(kind, listen);
    });
    return () => {
      for (const stop of listening) stop();
    };
  };
}

/** Lets a person choose files. */
export function chooseFiles(chosen: (files: File[]) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.onchange = () => chosen([...(input.files ?? [])]);
  input.click();
}
