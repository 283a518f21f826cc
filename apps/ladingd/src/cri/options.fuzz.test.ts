// SPDX-License-Identifier: Apache-2.0
import { type ContainerConfig, decode, encode, type PodSandboxConfig } from '@lading/cri-api';
import { Code, LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { containerConfig, sandboxConfig, text } from '../../test/fuzz/hostile.ts';
import { containerOptions } from './container-options.ts';
import { podMetadataOf } from './metadata.ts';
import { podOptions } from './pod-options.ts';

/** A config has some hundred fields, and comes over the wire each time. */
const numRuns = 10_000;
const logs = '/var/log/pods/x';
const names = /^k8s[\w.-]+$/;

/** What is made of a request; undefined when it is refused, as it may only be for what is in it. */
function unlessRefused<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    const { code } = LadingError.from(error);
    if (error instanceof LadingError && (code === Code.InvalidArgument || code === Code.Unimplemented))
      return undefined;
    throw error;
  }
}

const overTheWire = (name: string, value: object): object => decode(name, encode(name, value));

it('a sandbox config becomes options that can be kept, or is refused', () => {
  const property = fc.property(sandboxConfig, text, (config, handler) => {
    const wire = overTheWire('PodSandboxConfig', config) as PodSandboxConfig;
    const options = unlessRefused(() => podOptions(wire, handler));
    if (options === undefined) return;
    expect(options.name).toMatch(names);
    expect(podMetadataOf({ options } as Parameters<typeof podMetadataOf>[0])?.logDirectory).toBe(
      wire.logDirectory,
    );
    expect(JSON.parse(JSON.stringify(options)).labels).toEqual(options.labels);
  });
  fc.assert(property, { numRuns });
}, 120_000);

it('a container config becomes options whose log stays in its folder, or is refused', () => {
  const kept = {
    metadata: { name: 'web', uid: 'u', namespace: 'shop', attempt: 0 },
    logDirectory: logs,
    namespaces: { network: 0, pid: 1, ipc: 0 },
    runtimeHandler: '',
  } as const;
  const property = fc.property(containerConfig(text), (config) => {
    const wire = overTheWire('ContainerConfig', config) as ContainerConfig;
    const options = unlessRefused(() => containerOptions(wire, { id: 'a'.repeat(64) }, kept, 'image'));
    if (options === undefined) return;
    expect(options.name).toMatch(names);
    const { logPath = `${logs}/none` } = options;
    expect(logPath.startsWith(`${logs}/`) && !logPath.split('/').includes('..')).toBe(true);
    expect(logPath).not.toContain('\0');
    for (const mount of options.mounts ?? [])
      if (mount.type === 'image') expect(mount.subPath ?? '').not.toMatch(/(^|\/)\.\.(\/|$)/);
    expect(JSON.parse(JSON.stringify(options)).name).toBe(options.name);
  });
  fc.assert(property, { numRuns });
}, 120_000);
