import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/overview.css';
import './styles/keys.css';
import './styles/places.css';
import { render } from 'preact';
import { App } from './frame/app.js';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
