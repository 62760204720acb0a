/**
 * Words typed but not sent. Every keystroke is kept in this browser at once and on the server
 * soon after, so neither a reload nor a server that is away loses one.
 *
 * The local copy exists exactly while the server does not have the words yet; where it exists it
 * is the newer one. Words of a temporary conversation are kept in this tab's memory alone.
 */
import { Shelf } from '../shell/shelf';

export type SaveDraft = (conversation: string, text: string) => Promise<unknown>;

export class Drafts {
  text = $state('');

  #conversation: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #saving = new Set<string>();
  readonly #memory = new Shelf(null);
  readonly #temporary = new Set<string>();

  constructor(
    private readonly shelf: Shelf,
    private readonly save: SaveDraft,
    private readonly pauseMs = 800,
  ) {}

  /** Shows the draft of a conversation, or of the one not begun yet (null). */
  open(conversation: string | null, stored = ''): void {
    this.flush();
    this.#conversation = conversation;
    this.text = this.#kept(conversation) ?? stored;
  }

  /** Says whether a conversation is temporary: then its words are on no disk. */
  setTemporary(conversation: string | null, temporary: boolean): void {
    if (this.#temporary.has(name(conversation)) === temporary) return;
    const text = this.#kept(conversation);
    this.#drop(conversation);
    if (temporary) this.#temporary.add(name(conversation));
    else this.#temporary.delete(name(conversation));
    if (text !== null) this.#put(conversation, text);
  }

  /** Takes in what the server has now, unless newer words stand here. */
  refresh(conversation: string, stored: string): void {
    if (conversation === this.#conversation && this.#kept(conversation) === null)
      this.text = stored;
  }

  write(text: string): void {
    this.text = text;
    this.#put(this.#conversation, text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), this.pauseMs);
  }

  /** Empties the draft for sending and returns what it was. */
  take(): string {
    const text = this.text;
    this.write('');
    return text;
  }

  /** The conversation not begun got its id; what is typed meanwhile belongs to it. */
  adopt(conversation: string): void {
    if (this.#conversation !== null) return;
    this.setTemporary(conversation, this.#temporary.has(name(null)));
    this.#drop(null);
    this.#temporary.delete(name(null));
    this.#conversation = conversation;
    if (this.text) this.write(this.text);
  }

  /** Saves what is not on the server yet; call it too when the server is back. */
  flush(): void {
    clearTimeout(this.#timer);
    const conversation = this.#conversation;
    if (conversation !== null && this.#kept(conversation) !== null) void this.#store(conversation);
  }

  /** One save at a time for each conversation, so that an older text never lands last. */
  async #store(conversation: string): Promise<void> {
    if (this.#saving.has(conversation)) return;
    this.#saving.add(conversation);
    try {
      for (let text = this.#kept(conversation); text !== null; text = this.#kept(conversation)) {
        await this.save(conversation, text);
        if (this.#kept(conversation) === text) this.#drop(conversation);
      }
    } catch {
      // Still on the shelf; saved with the next keystroke or when the server is back.
    } finally {
      this.#saving.delete(conversation);
    }
  }

  #kept(conversation: string | null): string | null {
    return this.#shelf(conversation).get<string>(name(conversation));
  }

  #put(conversation: string | null, text: string): void {
    this.#shelf(conversation).put(name(conversation), text);
  }

  #drop(conversation: string | null): void {
    this.#shelf(conversation).drop(name(conversation));
  }

  #shelf(conversation: string | null): Shelf {
    return this.#temporary.has(name(conversation)) ? this.#memory : this.shelf;
  }
}

function name(conversation: string | null): string {
  return `draft.${conversation ?? 'new'}`;
}
