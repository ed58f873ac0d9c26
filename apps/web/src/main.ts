// Where the page begins.

import './app.css';
import { mount } from 'svelte';
import { sweep } from './engine/sweep';
import App from './ui/App.svelte';

const app = document.getElementById('app');
if (!app) throw new Error('the page has no place for the app');
mount(App, { target: app });

// Nobody may ever enter a room here again. Some browsers have no disk, and private windows none.
void sweep().catch(() => undefined);

// It plays what still arrives, and opens the page without a network. All else works without it.
if (import.meta.env.PROD) {
  void navigator.serviceWorker?.register('/service-worker.js').catch(() => undefined);
}
