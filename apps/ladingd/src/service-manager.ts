// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { sendDatagram } from '@lading/linux';

/** What started the daemon, if it wants to hear how it is: systemd, by the protocol of sd_notify(3). */
export interface ServiceManager extends Disposable {
  /** It serves. From now on the watchdog, if there is one, hears that it lives, as long as it gets to its work. */
  ready(): void;
  reloading(): void;
  stopping(): void;
}

export interface ServiceManagerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told once, when it cannot be told anything. */
  readonly onWarning: (message: string) => void;
}

export function openServiceManager({ env, onWarning }: ServiceManagerOptions): ServiceManager {
  const socket = env.NOTIFY_SOCKET ?? '';
  let isBroken = !/^[/@]/.test(socket);
  let timer: NodeJS.Timeout | undefined;
  const tell = (state: string): void => {
    if (isBroken) return;
    try {
      sendDatagram(socket, Buffer.from(state));
    } catch (error) {
      isBroken = true;
      clearInterval(timer);
      onWarning(`the service manager cannot be told anything: ${LadingError.from(error).message}`);
    }
  };
  return {
    ready() {
      tell('READY=1');
      timer ??= startWatchdog(env, () => tell('WATCHDOG=1'));
    },
    // The time tells the manager which of two reloads has ended.
    reloading: () => tell(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => tell('STOPPING=1'),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Twice in the time after which it is taken for dead. */
function startWatchdog(env: ServiceManagerOptions['env'], tell: () => void): NodeJS.Timeout | undefined {
  const { WATCHDOG_USEC: limit = '', WATCHDOG_PID: pid = String(process.pid) } = env;
  const limitUs = Number(limit);
  if (!Number.isSafeInteger(limitUs) || limitUs <= 0 || pid !== String(process.pid)) return undefined;
  return setInterval(tell, Math.max(1, limitUs / 2000)).unref();
}
