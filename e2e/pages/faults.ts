import { expect, type Locator } from '@playwright/test';
import type { FaultName } from '../../engine/contract/fault-menu.ts';
import type { Terminal } from './terminal.ts';

/** The developer's fault panel. */
export class Faults {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async open(): Promise<void> {
    await this.#terminal.command('panel.faults');
    await expect(this.#terminal.part('fault-panel')).toBeVisible();
  }

  /** Plants a fault on the traded protocol; the panel must be open. */
  async plant(fault: FaultName, { count = 1, durationMs = 0, protocol = 'binance-spot' } = {}): Promise<void> {
    const part = (id: string): Locator => this.#terminal.part(id);
    const before = await part('fault-row').count();
    await part('fault-name').selectOption(fault);
    await part('fault-protocol').selectOption(protocol);
    if (await part('fault-count').isEnabled()) await part('fault-count').fill(String(count));
    if (durationMs > 0) await part('fault-duration').fill(String(durationMs));
    await part('fault-plant').click();
    await expect(part('fault-row')).toHaveCount(before + 1);
  }

  /** The newest row of a fault. */
  row(fault: FaultName): Locator {
    return this.#terminal.page.locator(`[data-testid="fault-row"][data-fault="${fault}"]`).first();
  }
}
