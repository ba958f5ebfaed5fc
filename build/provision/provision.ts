import { existsSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { runCommand } from '../run-command.ts';

/** A way to get a program that is missing. */
export interface Installer {
  /** As printed: `npx playwright install chromium`. */
  name: string;
  /** Whether it may be tried on this machine. */
  available(): boolean;
  /** True when it says it succeeded; the need is looked up again either way. */
  install(): Promise<boolean>;
}

/** Something tests cannot do without: where to find it, and how to get it. */
export interface Need {
  name: string;
  /** A usable one (a path, or a description), or undefined. */
  find(): Promise<string | undefined>;
  /** Tried in order until `find` succeeds. */
  installers: Installer[];
  /** A missing need that is not required is only reported. */
  required: boolean;
}

export type Provided = { name: string; found: string } | { name: string; missing: string };

/**
 * What is there is used; else the installers are tried. Nothing throws: the caller decides with {@link mayContinue}.
 */
export async function provide(need: Need, log: (line: string) => void = console.log): Promise<Provided> {
  const present = await need.find();
  if (present !== undefined) return { name: need.name, found: present };
  const tried: string[] = [];
  for (const installer of need.installers) {
    if (!installer.available()) continue;
    log(`${need.name} is missing: ${installer.name}`);
    const ok = await installer.install();
    const found = await need.find();
    if (found !== undefined) return { name: need.name, found };
    tried.push(`${installer.name} ${ok ? 'ran but gave no usable program' : 'failed'}`);
  }
  return { name: need.name, missing: tried.length > 0 ? tried.join('; ') : 'no way to install it on this machine' };
}

/** A required need that is missing fails in CI and is skipped, loudly, elsewhere. */
export function mayContinue(provided: Provided, required: boolean, ci: boolean): 'run' | 'skip' | 'fail' {
  if ('found' in provided || !required) return 'run';
  return ci ? 'fail' : 'skip';
}

export function inCi(): boolean {
  const value = process.env['CI'];
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}

/** `apt-get install` as root on Debian and its children. */
export function debianPackages(...packages: string[]): Installer {
  return {
    name: `apt-get install ${packages.join(' ')}`,
    available: () => process.platform === 'linux' && process.getuid?.() === 0 && isDebian(),
    install: async () => {
      const env = { DEBIAN_FRONTEND: 'noninteractive' };
      const update = await runCommand('apt-get', ['update', '-q'], { env, quiet: true });
      const install = await runCommand('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], {
        env,
        quiet: true,
      });
      if (install.code !== 0)
        console.error(`${update.output}\n${install.output}`.trim().split('\n').slice(-8).join('\n'));
      return install.code === 0;
    },
  };
}

function isDebian(): boolean {
  if (!existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
}
