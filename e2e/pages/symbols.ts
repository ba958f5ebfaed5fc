import { expect, type Locator, type Page } from '@playwright/test';

/** The search over all symbols. Its keys are those of a person: open, type, choose. */
export class Symbols {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get dialog(): Locator {
    return this.#page.getByTestId('symbol-switcher');
  }

  /** What is on screen: `okx BTC-USDT-SWAP`. */
  async shown(): Promise<string> {
    const button = this.#page.getByTestId('symbol-open');
    return `${await button.getAttribute('data-venue')} ${await button.getAttribute('data-symbol')}`;
  }

  option(venue: string, symbol: string): Locator {
    return this.dialog.locator(`[data-testid="symbol-option"][data-venue="${venue}"][data-symbol="${symbol}"]`);
  }

  /** Opens the search, types, and waits until the venues have answered. */
  async find(text: string): Promise<void> {
    if (!(await this.dialog.isVisible())) await this.#page.keyboard.press('/');
    await expect(this.dialog).toBeVisible();
    const input = this.#page.getByTestId('symbol-search');
    await expect(input).toBeFocused();
    await input.press('Control+a');
    await this.#page.keyboard.type(text);
    await expect(this.dialog).toHaveAttribute('data-searching', 'false');
  }

  /** Moves the choice to an option by arrow keys alone. */
  async choose(venue: string, symbol: string): Promise<void> {
    const wanted = this.option(venue, symbol);
    await expect(wanted).toBeVisible();
    const count = await this.dialog.getByTestId('symbol-option').count();
    for (let i = 0; i < count && (await wanted.getAttribute('aria-selected')) !== 'true'; i++) {
      await this.#page.keyboard.press('ArrowDown');
    }
    await expect(wanted).toHaveAttribute('aria-selected', 'true');
  }

  /** Shows a symbol, subscribing to it where it is not yet, without the mouse. */
  async show(venue: string, symbol: string, text: string): Promise<void> {
    await this.find(text);
    await this.choose(venue, symbol);
    await this.#page.keyboard.press('Enter');
    await expect(this.dialog).toBeHidden({ timeout: 20_000 });
    await expect.poll(() => this.shown()).toBe(`${venue} ${symbol}`);
  }
}
