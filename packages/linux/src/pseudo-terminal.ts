// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { call, watch } from './libc.ts';

/** A pair of devices: what is written to one side is typed on the other, which is a terminal for a process. */
export interface PseudoTerminal extends Disposable {
  /** Descriptor of the process's side, for its stdin, stdout and stderr. Close it here once the process has it. */
  readonly slave: number;
  closeSlave(): void;
  /** What the process writes, for one reader; ends when no process has the other side any more, and after {@link close}. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Types; waits while the process is slow. False when there is no process any more. */
  write(bytes: Uint8Array): Promise<boolean>;
  resize(size: { readonly columns: number; readonly rows: number }): void;
  /** Any number of times. */
  close(): void;
}

const unlock = 0x40045431; // TIOCSPTLCK
const getNumber = 0x80045430; // TIOCGPTN
const setSize = 0x5414; // TIOCSWINSZ
const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
const chunkBytes = 32 << 10;

/**
 * Makes a pseudo-terminal. Reading and writing wait in Node's event loop, not on a thread.
 *
 * @throws LadingError when there is no /dev/ptmx, or no terminal is left
 * @example
 * ```ts
 * import { spawn } from 'node:child_process';
 * import { openPseudoTerminal } from '@lading/linux';
 *
 * using terminal = openPseudoTerminal();
 * terminal.resize({ columns: 90, rows: 30 });
 * const { slave } = terminal;
 * spawn('stty', ['size'], { stdio: [slave, slave, slave] });
 * terminal.closeSlave();
 * let text = '';
 * for await (const chunk of terminal.output) text += Buffer.from(chunk).toString();
 * console.log(text.trim()); // → 30 90
 * ```
 */
export function openPseudoTerminal(): PseudoTerminal {
  const master = open('/dev/ptmx', O_RDWR | O_NOCTTY | O_NONBLOCK);
  let slave: number;
  try {
    call('for a terminal', 'ioctl', master, unlock, Buffer.alloc(4));
    const number = Buffer.alloc(4);
    call('for a terminal', 'ioctl', master, getNumber, number);
    slave = open(`/dev/pts/${number.readUInt32LE()}`, O_RDWR | O_NOCTTY);
  } catch (error) {
    closeSync(master);
    throw error;
  }
  return terminalOf(master, slave);
}

function open(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw LadingError.from(error, Code.Internal);
  }
}

function terminalOf(master: number, slave: number): PseudoTerminal {
  const watcher = watch(master);
  let isOpen = true;
  let hasSlave = true;
  let wakeReader: (() => void) | undefined;
  let wakeWriter: (() => void) | undefined;

  /** Watches for what somebody waits for, and for no more. */
  const rewatch = (): void => {
    if (!isOpen) return;
    const events = { readable: wakeReader !== undefined, writable: wakeWriter !== undefined };
    if (events.readable || events.writable) watcher.start(events, wake);
    else watcher.stop();
  };
  const wake = (): void => {
    const woken = [wakeReader, wakeWriter];
    wakeReader = undefined;
    wakeWriter = undefined;
    rewatch();
    for (const go of woken) go?.();
  };

  async function* read(): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    while (isOpen) {
      const size = tried(() => readSync(master, buffer));
      if (size === 'gone' || size === 0) return;
      if (size !== 'later') yield Uint8Array.prototype.slice.call(buffer, 0, size);
      else
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
          rewatch();
        });
    }
  }

  async function write(bytes: Uint8Array): Promise<boolean> {
    let done = 0;
    while (isOpen && done < bytes.length) {
      const size = tried(() => writeSync(master, bytes, done));
      if (size === 'gone') return false;
      if (size !== 'later') done += size;
      else
        await new Promise<void>((resolve) => {
          wakeWriter = resolve;
          rewatch();
        });
    }
    return isOpen;
  }

  const closeSlave = (): void => {
    if (hasSlave) closeSync(slave);
    hasSlave = false;
  };
  const close = (): void => {
    closeSlave();
    if (!isOpen) return;
    isOpen = false;
    watcher.close();
    closeSync(master);
    wake();
  };
  return {
    slave,
    closeSlave,
    output: read(),
    write,
    resize({ columns, rows }) {
      const valid = [columns, rows].every((side) => Number.isInteger(side) && side > 0 && side < 65_536);
      if (!valid) throw new LadingError(Code.InvalidArgument, `a terminal of ${columns}x${rows} cannot be`);
      const size = Buffer.alloc(8);
      size.writeUInt16LE(rows, 0);
      size.writeUInt16LE(columns, 2);
      if (isOpen) call('of a terminal', 'ioctl', master, setSize, size);
    },
    close,
    [Symbol.dispose]: close,
  };
}

/** The kernel says EIO when the last process has left the other side. */
function tried(action: () => number): number | 'later' | 'gone' {
  try {
    return action();
  } catch (reason) {
    const errno = reason instanceof Error && 'code' in reason ? reason.code : undefined;
    if (errno === 'EAGAIN') return 'later';
    if (errno === 'EIO') return 'gone';
    throw LadingError.from(reason, Code.Internal);
  }
}
