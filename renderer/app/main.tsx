import '../styles/index.css';
import '../i18n/i18n.ts';
import { mount } from './mount.tsx';

function fail(text: string): void {
  const root = document.getElementById('root');
  if (root) root.textContent = text;
}

if (window.christmas) {
  mount(window.christmas).catch((error: Error) => fail(`Christmas could not start: ${error.message}`));
} else {
  fail('Christmas: the host did not provide its interface (window.christmas). Open the address that npm start prints.');
}
