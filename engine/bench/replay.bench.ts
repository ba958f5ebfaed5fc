/**
 * One run over the decompressed bytes of the three recorded Binance sessions: `replay.bench.ts <ours|json|lines>`.
 * `ours`: lines, adapter, step with book, features, strategy and paper exchange, decisions. `json` and `lines` are
 * floors: JSON.parse of the same lines, and finding the lines alone. Prints a BenchSample.
 */
import type { BenchSample } from './bench-result.ts';
import { keep } from './keep.ts';
import { measurePasses, type ReplayPass } from './replay-figures.ts';
import { forEachLine, loadSessions, newCore, playBytes, type ReplaySession, SequenceSink } from './replay-session.ts';

function ours(session: ReplaySession): { messages: number; hash: string } {
  const sink = keep(new SequenceSink());
  const core = newCore(session, sink);
  const messages = playBytes(session, {
    emit: (slot) => {
      slot.sequence = ++sink.sequence;
      core.step(slot);
    },
  });
  return { messages, hash: core.decisionHash() };
}

function json(session: ReplaySession): number {
  return forEachLine(session, ({ bytes }) => {
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
  });
}

async function run(name: string): Promise<BenchSample> {
  const sessions = await loadSessions();
  const checksums: Record<string, string> = {};
  const passes = sessions.map((session): ReplayPass => {
    if (name === 'lines') return { session, run: () => forEachLine(session, () => undefined) };
    if (name === 'json') return { session, run: () => json(session) };
    return {
      session,
      run: () => {
        const { messages, hash } = ours(session);
        const key = `decisions ${session.name}`;
        if ((checksums[key] ?? hash) !== hash) throw new Error(`Expected the decisions ${checksums[key]}, was ${hash}`);
        checksums[key] = hash;
        return messages;
      },
    };
  });
  return measurePasses('messages', passes, checksums);
}

const name = process.argv[2] ?? '';
if (!['ours', 'json', 'lines'].includes(name)) throw new RangeError(`Expected ours, json or lines, was ${name}`);
console.log(JSON.stringify(await run(name)));
