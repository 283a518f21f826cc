// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import { Signal } from '@lading/cri-api';

/** `SIGTERM` of `SIGNAL_SIGTERM`, `SIGRTMIN+1` of `SIGNAL_SIGRTMINPLUS1`; undefined for the runtime's default. */
export function signalName(signal: Signal): string | undefined {
  const name = Object.entries(Signal).find(([, value]) => value === signal)?.[0];
  if (name === undefined || signal === Signal.SIGNAL_RUNTIME_DEFAULT) return undefined;
  return name.replace('SIGNAL_', '').replace('RTMAXMINUS', 'RTMAX-').replace('RTMINPLUS', 'RTMIN+');
}

/** The enum's value for a signal as images write it (`SIGQUIT`, `quit`, `3`); the default for what CRI does not have. */
export function signalOf(signal: string): Signal {
  const numbered = Object.entries(constants.signals).find(([, number]) => String(number) === signal)?.[0];
  const name = (numbered ?? signal).toUpperCase().replace(/^(?!SIG)/, 'SIG');
  const spelled = name.replace('RTMAX-', 'RTMAXMINUS').replace('RTMIN+', 'RTMINPLUS');
  const found = Object.entries(Signal).find(([key]) => key === `SIGNAL_${spelled}`);
  return found?.[1] ?? Signal.SIGNAL_RUNTIME_DEFAULT;
}
