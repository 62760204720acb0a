/** The page itself, in the place of what was painted first. */
import { mount } from 'svelte';
import App from './App.svelte';

export function take(place: HTMLElement): void {
  place.replaceChildren();
  delete document.documentElement.dataset.view;
  delete document.documentElement.dataset.panel;
  mount(App, { target: place });
}
