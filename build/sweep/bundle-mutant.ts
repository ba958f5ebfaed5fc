import { join } from 'node:path';
import { root } from '../run-command.ts';
import type { Mutant } from './mutants.ts';

/**
 * Bundles the sweep with the mutant in place of the right source: the files themselves stay as they are.
 * @throws Error when the text to replace does not occur exactly once.
 */
export async function bundleMutant(mutant: Mutant, output: string): Promise<void> {
  const { rolldown } = await import('rolldown');
  const target = join(root, mutant.file);
  let patched = 0;
  const build = await rolldown({
    input: join(root, 'engine/verification/sweep/sweep-process.ts'),
    cwd: root,
    platform: 'node',
    external: [/^bufferutil$/, /^utf-8-validate$/],
    plugins: [
      {
        name: 'mutant',
        transform: {
          order: 'pre',
          handler(code: string, id: string) {
            if (id !== target) return null;
            const count = code.split(mutant.right).length - 1;
            if (count !== 1) throw new Error(`${mutant.name}: expected "${mutant.right}" once, was ${count} times`);
            patched++;
            return code.replace(mutant.right, () => mutant.wrong);
          },
        },
      },
    ],
  });
  try {
    await build.write({ file: output, format: 'esm', codeSplitting: false });
  } finally {
    await build.close();
  }
  if (patched !== 1) throw new Error(`${mutant.name}: expected ${mutant.file} in the bundle, was not`);
}
