/**
 * Conversations taken in from a file: the server reports each as it is read.
 *
 * The report comes as lines of JSON. What was read stays read when the connection is lost, and
 * importing the same file again adds nothing twice.
 */
import { ApiError, Unreachable, type Api, type Imported, type ImportSum } from '../api';

/** How many lines of the report stay on the page. */
const shownMost = 500;

export class Import {
  state = $state<'idle' | 'busy' | 'done' | 'broken'>('idle');
  name = $state('');
  /** The newest lines of the report, refused ones first kept. */
  lines = $state.raw<Imported[]>([]);
  /** How many lines are not shown any more. */
  hidden = $state(0);
  sum = $state.raw<ImportSum | null>(null);
  reason = $state<string | null>(null);

  #stop = new AbortController();

  constructor(private readonly api: Api) {}

  async read(file: File, learn: boolean): Promise<void> {
    this.#stop = new AbortController();
    Object.assign(this, { state: 'busy', name: file.name, hidden: 0, reason: null });
    this.lines = [];
    this.sum = null;
    try {
      const of = { learn, name: file.name };
      const response = await this.api.importFile(file, of, this.#stop.signal);
      for await (const line of lines(response))
        this.#take(JSON.parse(line) as Imported | ImportSum);
      this.state = this.sum === null ? 'broken' : 'done';
    } catch (error) {
      this.state = 'broken';
      if (error instanceof ApiError) this.reason = error.message;
      else if (!(error instanceof Unreachable || error instanceof TypeError)) throw error;
    }
  }

  #take(line: Imported | ImportSum): void {
    if ('done' in line) {
      this.sum = line;
    } else if (this.lines.length < shownMost) {
      this.lines = [...this.lines, line];
    } else {
      this.hidden++; // refused ones are what one must see, so they push out others
      const other = this.lines.findIndex(({ outcome }) => outcome !== 'refused');
      if (line.outcome === 'refused' && other >= 0) this.lines = this.lines.with(other, line);
    }
  }
}

/** The lines of a body as they arrive; empty ones are left out. */
export async function* lines(response: Response): AsyncGenerator<string> {
  if (!response.body) return;
  let rest = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    const parts = (rest + (value ?? '')).split('\n');
    rest = done ? '' : (parts.pop() ?? '');
    yield* parts.filter((part) => part.trim());
    if (done) return;
  }
}
