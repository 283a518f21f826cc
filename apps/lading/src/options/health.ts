// SPDX-License-Identifier: Apache-2.0
import { type Flags, parseDurationMs, usageError } from '@lading/command-line';
import type { ContainerChanges, ContainerOptions, HealthAction } from '@lading/engine';
import { quote } from '@lading/go-template';

const actions: readonly HealthAction[] = ['none', 'kill', 'restart', 'stop'];

/** The flags of health checks. Those that say how count only with the one that says what, as with podman. */
export function readHealthFlags(flags: Flags): Pick<ContainerOptions, 'healthCheck' | 'onUnhealthy'> {
  const command = flags.string('health-cmd') || undefined;
  const off = flags.boolean('no-healthcheck');
  if (off && command !== undefined) {
    throw usageError('cannot specify both --no-healthcheck and --health-cmd');
  }
  const onUnhealthy = readAction(flags.string('health-on-failure') ?? 'none');
  if (onUnhealthy !== 'none' && (off || command === undefined)) {
    throw usageError(`cannot set on-failure action to ${onUnhealthy} without a health check`);
  }
  if (off) return { healthCheck: { test: ['NONE'], intervalMs: 0 } };
  if (command === undefined) return {};
  const interval = flags.string('health-interval') ?? '30s';
  const retries = flags.number('health-retries') ?? 3;
  if (retries < 1) throw usageError('healthcheck-retries must be greater than 0');
  const startPeriodMs = duration('start-period', flags.string('health-start-period') ?? '0s');
  if (startPeriodMs < 0) throw usageError('healthcheck-start-period must be 0 seconds or greater');
  return {
    healthCheck: {
      test: parseTest(command),
      intervalMs: interval === 'disable' ? 0 : duration('interval', interval),
      timeoutMs: duration('timeout', flags.string('health-timeout') ?? '30s'),
      retries,
      startPeriodMs,
    },
    ...(onUnhealthy !== 'none' && { onUnhealthy }),
  };
}

/** What `update` changes of the check that a container has. */
export function readHealthChanges(flags: Flags): Pick<ContainerChanges, 'healthCheck' | 'onUnhealthy'> {
  const given = (name: string): string | undefined => (flags.given(name) ? flags.string(name) : undefined);
  const command = given('health-cmd');
  const isOff = flags.boolean('no-healthcheck');
  if (isOff && command !== undefined)
    throw usageError('cannot specify both --no-healthcheck and --health-cmd');
  const [interval, timeout, period] = [
    given('health-interval'),
    given('health-timeout'),
    given('health-start-period'),
  ];
  const retries = flags.given('health-retries') ? flags.number('health-retries') : undefined;
  if (retries !== undefined && retries < 1) throw usageError('healthcheck-retries must be greater than 0');
  const healthCheck = {
    ...(isOff && { test: ['NONE'], intervalMs: 0 }),
    ...(command && { test: parseTest(command) }),
    ...(interval && { intervalMs: interval === 'disable' ? 0 : duration('interval', interval) }),
    ...(timeout && { timeoutMs: duration('timeout', timeout) }),
    ...(period && { startPeriodMs: duration('start-period', period) }),
    ...(retries !== undefined && { retries }),
  };
  const action = given('health-on-failure');
  return {
    ...(Object.keys(healthCheck).length > 0 && { healthCheck }),
    ...(action !== undefined && { onUnhealthy: readAction(action) }),
  };
}

function readAction(text: string): HealthAction {
  const action = actions.find((one) => one === text);
  if (action === undefined) {
    throw usageError(
      `invalid on-failure action ${quote(text)} for health check: supported actions are ${actions.join(',')}`,
    );
  }
  return action;
}

function duration(name: string, text: string): number {
  const parsed = parseDurationMs(text);
  if ('problem' in parsed) throw usageError(`invalid healthcheck-${name}: ${parsed.problem}`);
  return parsed.value;
}

/** A script, or a JSON list of words; either may begin with Docker's CMD, CMD-SHELL or NONE, in any case. */
function parseTest(text: string): readonly string[] {
  const list = parseList(text);
  const words = list ?? text.split(' ');
  if (words.length === 0) throw usageError('--health-cmd is an empty list: give it a command, or none');
  const kind = (words[0] ?? '').toUpperCase();
  if (kind === 'NONE') return ['NONE'];
  if (kind === 'CMD') return ['CMD', ...(list ?? text.trim().split(/\s+/)).slice(1)];
  if (kind === 'CMD-SHELL')
    return [kind, ...(list === undefined ? [words.slice(1).join(' ')] : words.slice(1))];
  return list !== undefined && list.length > 1 ? ['CMD', ...list] : ['CMD-SHELL', words.join(' ')];
}

function parseList(text: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    const isList = Array.isArray(list) && list.every((word) => typeof word === 'string');
    return isList ? list : undefined;
  } catch {
    return undefined; // a script
  }
}
