import '../styles/index.css';
import '../i18n/i18n.ts';
import { mount } from '../app/mount.tsx';
import { FakeHost } from './fake-host.ts';

const host = new FakeHost();
window.christmas = host;
void mount(host);
