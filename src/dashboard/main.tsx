import './styles/base.css';
import './styles/app.css';
import './styles/components.css';
import './styles/overview.css';
import './styles/keys.css';
import './styles/locks.css';
import { render } from 'preact';
import { App } from './app/app.js';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
