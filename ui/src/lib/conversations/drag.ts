/** A conversation dragged from the list onto a folder, or out of one. */
import type { Attachment } from 'svelte/attachments';

const kind = 'application/x-l2c-conversation';

/** The row of a conversation can be dragged; that of none (null) cannot. */
export function draggable(id: string | null): Attachment<HTMLElement> {
  return (element) => {
    element.draggable = id !== null;
    if (id === null) return;
    const start = (event: DragEvent) => {
      event.dataTransfer?.setData(kind, id);
      if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move';
    };
    element.addEventListener('dragstart', start);
    return () => element.removeEventListener('dragstart', start);
  };
}

/** Takes a conversation that is dropped here; `over` says while one hangs above. */
export function takesConversation(
  dropped: (id: string) => void,
  over: (over: boolean) => void = () => {},
): Attachment<HTMLElement> {
  return (element) => {
    let depth = 0;
    const act: Record<string, (event: DragEvent) => void> = {
      dragenter: () => over(++depth > 0),
      dragleave: () => over(--depth > 0),
      dragover: () => {},
      drop: (event) => {
        depth = 0;
        over(false);
        dropped(event.dataTransfer?.getData(kind) ?? '');
      },
    };
    const stops = Object.entries(act).map(([name, then]) => {
      const listen = (event: Event) => {
        if (!(event as DragEvent).dataTransfer?.types.includes(kind)) return;
        event.preventDefault();
        event.stopPropagation();
        then(event as DragEvent);
      };
      element.addEventListener(name, listen);
      return () => element.removeEventListener(name, listen);
    });
    return () => {
      for (const stop of stops) stop();
    };
  };
}
