import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { ClockOffset } from '../../venue/clock-offset.ts';
import { venueTimes } from '../../venue/venue-times.ts';
import { ClockProbe, type ClockProbeOptions } from './clock-probe.ts';
import { LiveClock } from './session-clock.ts';
import { fetchBytes } from './venue-request.ts';

const AHEAD_MS = 87_000;

/** A venue on loopback whose clock is {@link AHEAD_MS} ahead; `answer` may replace what it says. */
async function startVenue(t: TestContext, answer: { text?: string; status?: number } = {}) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    response.statusCode = answer.status ?? 200;
    response.end(answer.text ?? JSON.stringify({ serverTime: Date.now() + AHEAD_MS }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { paths, answer, restUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function probeOf(t: TestContext, restUrl: string, patch: Partial<ClockProbeOptions>): ClockProbe {
  const probe = new ClockProbe({
    restUrl,
    time: venueTimes['binance-spot']!,
    nowNs: () => 0,
    fetch: fetchBytes,
    onTime: () => undefined,
    onFailure: (error) => assert.fail(error.message),
    pauseMs: 1,
    restMs: 20,
    ...patch,
  });
  t.after(() => probe.dispose());
  return probe;
}

test('the offset of a venue is found within its error, over real sockets', async (t) => {
  const venue = await startVenue(t);
  const clock = new LiveClock();
  const offset = new ClockOffset();
  await new Promise<void>((resolve) => {
    let answers = 0;
    const probe = probeOf(t, venue.restUrl, {
      nowNs: () => clock.nowNs(),
      onTime: (sentNs, receivedNs, venueUs) => {
        assert.ok(sentNs <= receivedNs);
        offset.onRequest(sentNs, receivedNs, (venueUs - clock.originUs) * 1000, 1e6);
        if (++answers < 12) return;
        probe.dispose();
        resolve();
      },
    });
    probe.start();
  });
  const { offsetNs, errorNs, source } = offset.estimate(clock.nowNs())!;
  assert.equal(source, 'request');
  // Date.now() and the monotonic clock of one machine drift apart a little too.
  assert.ok(Math.abs(offsetNs - AHEAD_MS * 1e6) <= errorNs + 5e6, `${offsetNs} +- ${errorNs}`);
  assert.ok(errorNs < 1e9);
  assert.deepEqual([...new Set(venue.paths)], ['/api/v3/time']);
  assert.equal(venue.paths.length, 12);
});

test('a venue that fails is told once, asked again later, and believed when it answers', async (t) => {
  const venue = await startVenue(t, { status: 418 });
  const failures: string[] = [];
  await new Promise<void>((resolve) => {
    const probe = probeOf(t, venue.restUrl, {
      restMs: 5,
      // By what was asked, not by time: a busy machine asks late.
      onFailure: (error) => {
        failures.push(error.message);
        venue.answer.status = 200;
        venue.answer.text = '{"serverTime":"late"}';
        const asked = venue.paths.length;
        const waiting = setInterval(() => {
          if (venue.paths.length < asked + 2) return;
          clearInterval(waiting);
          delete venue.answer.text;
        }, 1);
        t.after(() => clearInterval(waiting));
      },
      onTime: () => {
        probe.dispose();
        resolve();
      },
    });
    probe.start();
  });
  assert.equal(failures.length, 1);
  assert.match(failures[0]!, /expected status 200, was 418/);
});

test('an answer to a question of before a restart is dropped', async (t) => {
  const answers: ((body: Uint8Array) => void)[] = [];
  let asked: () => void = () => undefined;
  const nextQuestion = (): Promise<void> =>
    new Promise((resolve) => {
      asked = resolve;
    });
  const times: number[] = [];
  const probe = probeOf(t, 'http://venue', {
    fetch: () =>
      new Promise((resolve) => {
        answers.push(resolve);
        asked();
      }),
    onTime: (_sentNs, _receivedNs, venueUs) => times.push(venueUs),
    pauseMs: 1e6,
  });
  const first = nextQuestion();
  probe.start();
  await first;
  const second = nextQuestion();
  probe.start();
  await second;
  const said = (ms: number): Uint8Array => new TextEncoder().encode(`{"serverTime":${ms}}`);
  answers[0]!(said(1_700_000_000_000));
  answers[1]!(said(1_700_000_000_001));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(times, [1_700_000_000_001_000]);
});
