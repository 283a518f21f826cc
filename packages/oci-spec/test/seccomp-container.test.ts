// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  capabilities,
  defaultLinuxSpec,
  defaultSeccomp,
  withCapabilities,
  withSeccomp,
} from '../src/index.ts';
import { runContainer } from './programs.ts';

/** Those that a process without CAP_SYS_RESOURCE can give. */
const available = capabilities.filter((name) => name !== 'CAP_SYS_RESOURCE');
const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

/** A process that may do everything, so that only the filter stands in its way. */
async function output(script: string, filterOf: readonly string[] | undefined): Promise<string> {
  const powerful = withCapabilities(defaultLinuxSpec(), { add: ['ALL'], available });
  const filter = filterOf && defaultSeccomp({ capabilities: filterOf, architecture });
  const { out } = await runContainer(withSeccomp(powerful, filter), `busybox ${script} && echo done`);
  return out.trim();
}

const not = 'Operation not permitted';

describe('the default seccomp profile in a container of runc', () => {
  it.each([
    ['sethostname', 'hostname other', 'CAP_SYS_ADMIN', `hostname: sethostname: ${not}`],
    ['chroot', 'chroot / true', 'CAP_SYS_CHROOT', `chroot: can't change root directory to '/': ${not}`],
  ])('refuses %s without its capability alone', async (_name, script, capability, message) => {
    expect(
      await output(
        script,
        available.filter((name) => name !== capability),
      ),
    ).toBe(message);
    expect(await output(script, available)).toBe('done');
  });

  it.each([
    ['mount', 'mount -t tmpfs tmpfs /tmp'],
    ['unshare', 'unshare -m true'],
    ['setns', 'nsenter --net=/proc/1/ns/net true'],
    ['personality of 32 bits', 'linux32 true'],
  ])('leaves %s to the capabilities of the process', async (_name, script) => {
    expect(await output(script, [])).toBe('done');
  });

  it('refuses swapoff to all, where the kernel would look for the device', async () => {
    expect(await output('swapoff /nowhere', undefined)).toBe('swapoff: /nowhere: No such file or directory');
    expect(await output('swapoff /nowhere', available)).toBe(`swapoff: /nowhere: ${not}`);
  });

  it('refuses what the kernel does not allow either', async () => {
    const weak = defaultLinuxSpec();
    const filter = defaultSeccomp({
      capabilities: weak.process?.capabilities?.bounding ?? [],
      architecture,
    });
    const { out } = await runContainer(withSeccomp(weak, filter), 'busybox mount -t tmpfs tmpfs /tmp');
    expect(out.trim()).toBe('mount: permission denied (are you root?)');
  });
});
