/** The models and their checkpoints, and making an older one live again. */
import type { Api, Checkpoint, Model, ModelForm, Stored, ToQuantise } from '../api';
import type { Tabs } from '../shell/tabs';

export interface Shown {
  model: Model;
  /** Newest first. */
  checkpoints: Checkpoint[];
}

export class Models {
  items = $state.raw<Shown[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');

  /** `onChange` is called when there are other models than before. */
  constructor(
    private readonly api: Api,
    private readonly tabs: Tabs,
    private readonly onChange: () => void = () => {},
  ) {}

  async load(): Promise<void> {
    try {
      const { models } = await this.api.models();
      const names = models.map(({ name }) => name).join();
      const others =
        this.state === 'ready' && names !== this.items.map(({ model }) => model.name).join();
      this.items = await Promise.all(models.map(({ name }) => this.api.model(name)));
      this.state = 'ready';
      if (others) this.onChange();
    } catch (error) {
      if (this.state !== 'ready') this.state = 'failed';
      throw error;
    }
  }

  /** Makes a checkpoint live: the next turn is answered by it. */
  async promote(model: string, checkpoint: string): Promise<void> {
    await this.api.promote(model, checkpoint);
    this.tabs.tell({ about: 'learning' });
    await this.load();
  }

  /** Keeps a checkpoint's file however old it becomes, or not any more. */
  async pin(model: string, checkpoint: string, pinned: boolean): Promise<void> {
    await this.api.pin(model, checkpoint, pinned);
    await this.load();
  }

  /** Takes a model in from a file. */
  async add(file: Blob, name: string): Promise<Model> {
    const model = await this.api.addModel(file, name);
    await this.load();
    return model;
  }

  /** Makes a smaller copy of a version of a model. */
  async quantise(model: string, of: ToQuantise): Promise<Model> {
    const made = await this.api.quantise(model, of);
    await this.load();
    return made;
  }

  /** Erases a model for good. */
  async remove(model: string): Promise<void> {
    await this.api.deleteModel(model);
    await this.load();
  }

  /** Has the browser save a model as a file; what it is called, and its bytes. */
  async save(
    model: string,
    form: ModelForm,
    stored: Stored,
  ): Promise<{ name: string; size: number }> {
    const response = await this.api.exportModel(model, form, stored);
    const disposition = response.headers.get('content-disposition') ?? '';
    const name = decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1] ?? model);
    const file = await response.blob();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    return { name, size: file.size };
  }

  async rebuild(model: string): Promise<void> {
    await this.api.rebuild(model);
    this.tabs.tell({ about: 'learning' });
  }
}
