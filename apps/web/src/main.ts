// Where the page begins.

import './app.css';
import { mount } from 'svelte';
import App from './ui/App.svelte';

const app = document.getElementById('app');
if (!app) throw new Error('the page has no place for the app');
mount(App, { target: app });

// It plays what still arrives, and opens the page without a network. All else works without it.
if (import.meta.env.PROD) {
  void navigator.serviceWorker?.register('/service-worker.js').catch(() => undefined);
}
