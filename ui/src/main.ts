import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';

const target = document.getElementById('page');
if (!target) throw new Error('index.html must have an element #page; found none.');

export default mount(App, { target });
