import { execFileSync } from 'node:child_process';

export interface RunningProcess {
  pid: number;
  parent: number;
  command: string;
}

/** Every process of the machine, zombies left out. */
export function listProcesses(): RunningProcess[] {
  if (process.platform === 'win32') {
    const script =
      'Get-CimInstance Win32_Process | Select-Object ProcessId,ParentProcessId,CommandLine | ConvertTo-Json -Compress';
    const text = execFileSync('powershell', ['-NoProfile', '-Command', script], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const rows = JSON.parse(text) as { ProcessId: number; ParentProcessId: number; CommandLine: string | null }[];
    return rows.map((row) => ({ pid: row.ProcessId, parent: row.ParentProcessId, command: row.CommandLine ?? '' }));
  }
  const text = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const found: RunningProcess[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (match && !match[3]?.startsWith('Z')) {
      found.push({ pid: Number(match[1]), parent: Number(match[2]), command: match[4] ?? '' });
    }
  }
  return found;
}

/** All processes below `pid`, not itself. */
export function descendantsOf(pid: number, all: RunningProcess[] = listProcesses()): RunningProcess[] {
  const found: RunningProcess[] = [];
  const parents = new Set([pid]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const entry of all) {
      if (!parents.has(entry.parent) || parents.has(entry.pid)) continue;
      parents.add(entry.pid);
      found.push(entry);
      grown = true;
    }
  }
  return found;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Waits until none of the processes runs. @returns those that still do after `timeoutMs`. */
export async function waitForEnd(pids: number[], timeoutMs: number): Promise<RunningProcess[]> {
  const untilMs = Date.now() + timeoutMs;
  for (;;) {
    const left = listProcesses().filter((entry) => pids.includes(entry.pid));
    if (left.length === 0 || Date.now() > untilMs) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
