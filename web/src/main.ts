// Starts the dashboard: the live connection first, since everything waits for it.
import { mount } from 'svelte';
import App from './app.svelte';
import './app.css';
import { live } from './lib/live.svelte.ts';

live.start();
mount(App, { target: document.getElementById('app')! });
