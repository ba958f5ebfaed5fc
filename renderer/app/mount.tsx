import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { HostApi } from '../../engine/contract/host-api.ts';
import { App } from './app.tsx';
import { Runtime, RuntimeContext } from './runtime.ts';

/** Starts the page over a host. Settings are there before anything is shown, so that language and theme do not flash. */
export async function mount(host: HostApi): Promise<void> {
  const root = document.getElementById('root');
  if (!root) throw new Error('Expected an element #root, was none');
  const runtime = new Runtime(host);
  await runtime.start();
  createRoot(root).render(
    <StrictMode>
      <RuntimeContext value={runtime}>
        <App />
      </RuntimeContext>
    </StrictMode>,
  );
  window.addEventListener('pagehide', () => runtime.stop(), { once: true });
}
