import { type CDPSession, expect, type Locator, type Page } from '@playwright/test';

export interface LadderRow {
  priceTicks: number;
  bid: boolean;
  ask: boolean;
  /** Centre of the row, in page pixels. */
  x: number;
  y: number;
}

/** The price ladder. Rows move under a live market: every action reads and acts on one state of the page. */
export class Ladder {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get root(): Locator {
    return this.page.getByTestId('ladder');
  }

  /** Visible rows, highest price first. */
  async rows(): Promise<LadderRow[]> {
    return this.root.evaluate((ladder) => {
      const frame = ladder.getBoundingClientRect();
      const rows: { priceTicks: number; bid: boolean; ask: boolean; x: number; y: number }[] = [];
      for (const row of ladder.querySelectorAll('[data-price-ticks]')) {
        const price = row.querySelector('[data-cell="price"]') ?? row;
        const box = price.getBoundingClientRect();
        const y = box.top + box.height / 2;
        if (box.height === 0 || y < frame.top || y > frame.bottom) continue;
        const text = (cell: string): string => row.querySelector(`[data-cell="${cell}"]`)?.textContent?.trim() ?? '';
        rows.push({
          priceTicks: Number(row.getAttribute('data-price-ticks')),
          bid: text('bid') !== '',
          ask: text('ask') !== '',
          x: box.left + box.width / 2,
          y,
        });
      }
      return rows.sort((a, b) => b.priceTicks - a.priceTicks);
    });
  }

  /** Where a press places an order: all rows, right of the column of own orders. In page pixels. */
  async pressArea(): Promise<{ x: number; y: number; width: number; height: number }> {
    return this.root.evaluate((ladder) => {
      let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
      for (const cell of ladder.querySelectorAll('[data-price-ticks] [data-cell]:not([data-cell="own"])')) {
        const box = cell.getBoundingClientRect();
        left = Math.min(left, box.left);
        top = Math.min(top, box.top);
        right = Math.max(right, box.right);
        bottom = Math.max(bottom, box.bottom);
      }
      return { x: left, y: top, width: right - left, height: bottom - top };
    });
  }

  /** Best bid and ask of the visible rows, in ticks; undefined while one side is empty. */
  async bestPrices(): Promise<{ bid: number; ask: number } | undefined> {
    if ((await this.root.count()) === 0) return undefined;
    const rows = await this.rows();
    const bids = rows.filter((row) => row.bid).map((row) => row.priceTicks);
    const asks = rows.filter((row) => row.ask).map((row) => row.priceTicks);
    return bids.length > 0 && asks.length > 0 ? { bid: Math.max(...bids), ask: Math.min(...asks) } : undefined;
  }

  /**
   * Clicks a visible row chosen by price: left buys, right sells.
   * The pointer rests on the row first, which holds it; @returns the price that was under the pointer when pressed.
   */
  async clickAt(choose: (rows: LadderRow[]) => LadderRow | undefined, button: 'left' | 'right'): Promise<number> {
    const row = choose(await this.rows());
    if (!row) throw new Error('Expected a row to click, was none');
    await this.page.mouse.move(row.x, row.y);
    const priceTicks = await this.priceUnder(row.x, row.y);
    await this.page.mouse.click(row.x, row.y, { button });
    return priceTicks;
  }

  /** Price of the row at a point. */
  async priceUnder(x: number, y: number): Promise<number> {
    const found = await this.page.evaluate(
      ([atX, atY]) =>
        document
          .elementFromPoint(atX as number, atY as number)
          ?.closest('[data-price-ticks]')
          ?.getAttribute('data-price-ticks'),
      [x, y],
    );
    return Number(found);
  }

  /** Buys or sells far from the market so that the order rests. @returns its price in ticks. */
  async placeResting(side: 'buy' | 'sell', rowsAway = 10): Promise<number> {
    return this.clickAt(
      (rows) => {
        const own = rows.filter((row) => (side === 'buy' ? row.bid : row.ask));
        // Rows come highest first: bids start at the best, asks end at it.
        const fromBest = side === 'buy' ? own : own.reverse();
        return fromBest[Math.min(rowsAway, fromBest.length - 1)];
      },
      side === 'buy' ? 'left' : 'right',
    );
  }

  /** Buys at or above the best ask, or sells at or below the best bid, so that the order trades at once. */
  async placeMarketable(side: 'buy' | 'sell', rowsThrough = 4): Promise<number> {
    return this.clickAt(
      (rows) => {
        const other = rows.filter((row) => (side === 'buy' ? row.ask : row.bid));
        const fromBest = side === 'buy' ? other.reverse() : other;
        return fromBest[Math.min(rowsThrough, fromBest.length - 1)];
      },
      side === 'buy' ? 'left' : 'right',
    );
  }

  /**
   * Presses as a fast hand does: the moves, the press and the release are on their way before the page has drawn
   * between them. The pointer's way has `moves` steps; `waitMs` pass before the press, `holdMs` before the release.
   */
  async pressFast(
    mouse: CDPSession,
    at: { x: number; y: number },
    button: 'left' | 'right',
    { moves = 1, waitMs = 0, holdMs = 0 } = {},
  ): Promise<void> {
    const send = (type: string, fields: object): Promise<unknown> =>
      mouse.send('Input.dispatchMouseEvent', { type, ...at, ...fields } as Parameters<typeof mouse.send>[1] & never);
    const sent: Promise<unknown>[] = [];
    for (let i = moves; i > 0; i--) sent.push(send('mouseMoved', { y: at.y - (i - 1) * 7 }));
    if (waitMs > 0) await this.page.waitForTimeout(waitMs);
    const buttons = button === 'left' ? 1 : 2;
    sent.push(send('mousePressed', { button, buttons, clickCount: 1 }));
    if (holdMs > 0) await this.page.waitForTimeout(holdMs);
    sent.push(send('mouseReleased', { button, buttons: 0, clickCount: 1 }));
    await Promise.all(sent);
  }

  chip(orderNumber: number): Locator {
    return this.root.locator(`[data-order-number="${orderNumber}"]`);
  }

  async clickChip(orderNumber: number): Promise<void> {
    await expect(this.chip(orderNumber)).toBeVisible();
    await this.chip(orderNumber).click();
  }
}
