import { expect, type Locator, type Page } from '@playwright/test';
import type { RunningApp } from '../host/running-app.ts';
import { Ladder } from './ladder.ts';

export interface OrderRow {
  orderNumber: number;
  status: string;
  side: string;
  priceTicks: number;
}

export interface FillRow {
  sequence: number;
  side: string;
  priceTicks: number;
  sizeLots: number;
}

/** The trading screen by what a user sees on it. Holds no locator: they follow the app over restarts. */
export class Terminal {
  readonly #app: RunningApp;

  constructor(app: RunningApp) {
    this.#app = app;
  }

  get page(): Page {
    return this.#app.page;
  }

  get ladder(): Ladder {
    return new Ladder(this.page);
  }

  part(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  /** Connected, the book live, prices on the ladder. */
  async waitUntilLive(timeoutMs = 30_000): Promise<void> {
    await expect(this.part('app')).toHaveAttribute('data-connected', 'true', { timeout: timeoutMs });
    await expect(this.part('status-feed')).toHaveAttribute('data-state', 'live', { timeout: timeoutMs });
    await expect
      .poll(async () => (await this.ladder.bestPrices()) !== undefined, {
        message: 'prices on the ladder',
        timeout: timeoutMs,
      })
      .toBe(true);
  }

  /** Brings a panel of a tab group to the front; only what is in front exists on the page. */
  async show(panel: 'orders' | 'fills' | 'alerts' | 'strategy' | 'rails'): Promise<void> {
    const names = {
      orders: /Orders|주문/,
      fills: /Fills|체결/,
      alerts: /Alerts|알림/,
      strategy: /Strategy|전략/,
      rails: /Rails|Risk|한도|위험/,
    };
    if (panel === 'orders' || panel === 'fills') {
      if ((await this.part(`${panel}-table`).count()) > 0) return;
    }
    await this.page.locator('.dv-tab', { hasText: names[panel] }).first().click();
    if (panel === 'orders' || panel === 'fills') await expect(this.part(`${panel}-table`)).toBeVisible();
  }

  async orders(): Promise<OrderRow[]> {
    await this.show('orders');
    return this.part('order-row').evaluateAll((rows) =>
      rows.map((row) => ({
        orderNumber: Number(row.getAttribute('data-order-number')),
        status: row.getAttribute('data-status') ?? '',
        side: row.getAttribute('data-side') ?? '',
        priceTicks: Number(row.getAttribute('data-price-ticks')),
      })),
    );
  }

  /** Orders that may still trade. */
  async workingOrders(): Promise<OrderRow[]> {
    const open = ['pending', 'working', 'partial', 'cancelling', 'unknown'];
    return (await this.orders()).filter((order) => open.includes(order.status));
  }

  async fills(): Promise<FillRow[]> {
    await this.show('fills');
    return this.part('fill-row').evaluateAll((rows) =>
      rows.map((row) => ({
        sequence: Number(row.getAttribute('data-sequence')),
        side: row.getAttribute('data-side') ?? '',
        priceTicks: Number(row.getAttribute('data-price-ticks')),
        sizeLots: Number(row.getAttribute('data-size-lots')),
      })),
    );
  }

  /** Position in lots of an instrument; 0 when it has no row. */
  async positionLots(instrument = 0): Promise<number> {
    const row = this.page.locator(`[data-testid="position-row"][data-instrument="${instrument}"]`);
    if ((await row.count()) === 0) return 0;
    return Number(await row.first().getAttribute('data-position-lots'));
  }

  /** By its name: symbols of several trading processes are numbered in the order in which those answer. */
  async positionLotsOf(symbol: string): Promise<number> {
    const row = this.page.getByTestId('position-row').filter({ hasText: symbol });
    if ((await row.count()) === 0) return 0;
    return Number(await row.first().getAttribute('data-position-lots'));
  }

  /** A number in a data attribute, `undefined` while the element or the attribute is missing. */
  async figure(testId: string, attribute: string): Promise<number | undefined> {
    const element = this.part(testId);
    if ((await element.count()) === 0) return undefined;
    const text = await element.first().getAttribute(attribute);
    return text === null || text === '' ? undefined : Number(text);
  }

  async cancelAll(): Promise<void> {
    await this.show('orders');
    await this.part('cancel-all').click();
  }

  async choosePreset(number: 1 | 2 | 3 | 4 | 5): Promise<void> {
    await this.part(`size-preset-${number}`).click();
  }

  /** Runs a command of the palette by its id, which stands behind its label in every language. */
  async command(id: string): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await expect(this.part('palette')).toBeVisible();
    await this.part('palette-input').fill(id);
    await this.page.keyboard.press('Enter');
    await expect(this.part('palette')).toBeHidden();
  }

  /** Storage has committed everything the journal holds at this moment or later. */
  async waitUntilStored(timeoutMs = 30_000): Promise<number> {
    await expect
      .poll(() => this.figure('status-storage', 'data-backlog'), { message: 'storage backlog', timeout: timeoutMs })
      .toBeLessThan(2_000);
    return (await this.figure('status-storage', 'data-rows')) ?? 0;
  }
}
