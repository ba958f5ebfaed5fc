import type { ControlRequest, TradingConfig } from '../contract/process.ts';
import { openControlChannel } from '../transport/open-control-channel.ts';
import { startHealth } from './process-health.ts';
import { UnusableInputError } from './trading/errors.ts';
import { applyScheduling } from './trading/scheduling.ts';
import { openTradingSession, type TradingSession } from './trading/trading-session.ts';

/** Entry point of the trading process: waits for its configuration, then runs one session until told to stop. */
const channel = openControlChannel();
const health = startHealth(channel);
let session: TradingSession | undefined;
let stopping = false;
let failed = false;
let configured = false;

channel.onRequest((request) => {
  if (failed) return;
  handle(request).catch(fail);
});
channel.onPort((port) => {
  if (session && !failed) session.addPage(port);
  else port.close();
});
channel.onParentGone(() => {
  stop().catch(fail);
});
process.on('SIGTERM', () => {
  stop().catch(fail);
});
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
channel.post({ type: 'accepting' });

async function handle(request: ControlRequest): Promise<void> {
  if (request.type === 'configure') {
    if (configured) throw new Error('Expected one configuration, was a second one');
    configured = true;
    const config = request.config as TradingConfig;
    const scheduling = await applyScheduling(config);
    if (scheduling !== '') console.log(`scheduling: ${scheduling}`);
    session = await openTradingSession(config, {
      scheduling,
      post: (event) => channel.post(event),
      loopDelayP99Ms: () => health.read().loopDelayP99Ms,
    });
    channel.post({ type: 'ready', ready: { process: 'trading' } });
    session.start();
  } else if (request.type === 'query') {
    await answer(request.requestId, request.query);
  } else if (request.type === 'shutdown') {
    await stop();
  }
}

async function answer(requestId: number, query: string): Promise<void> {
  try {
    if (!session) throw new Error('The trading process is not configured');
    if (query === 'tradingReport') {
      channel.post({ type: 'answer', requestId, ok: true, result: session.report() });
    } else if (query === 'endSession') {
      await session.end();
      channel.post({ type: 'answer', requestId, ok: true, result: null });
    } else {
      throw new Error(`Expected tradingReport or endSession, was ${query}`);
    }
  } catch (error) {
    channel.post({ type: 'answer', requestId, ok: false, error: (error as Error).message });
  }
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  health.dispose();
  await session?.end();
  session?.dispose();
  process.exit(0);
}

/** A bug must not trade on: say what happened, then end; the supervisor restarts into a disarmed, reconciled state. */
function fail(error: unknown): void {
  console.error(error);
  if (failed) return;
  failed = true;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof UnusableInputError) channel.post({ type: 'fatal', error: text });
  else channel.post({ type: 'crashing', error: text });
  session?.dispose();
  // Lets the message out of the IPC pipe before the process ends.
  setTimeout(() => process.exit(1), 50);
}
