// SPDX-License-Identifier: Apache-2.0
import { defaultLinuxSpec, withProcess } from '@lading/oci-spec';
import { expect, it } from 'vitest';
import { applyCdiEdits } from './apply-edits.ts';

it('gives a container what the device brings', async () => {
  const base = withProcess(defaultLinuxSpec(), { user: { uid: 33, gid: 34 } });
  const spec = await applyCdiEdits(base, [
    {
      env: ['GPU=0'],
      deviceNodes: [
        { path: '/dev/null0', hostPath: '/dev/null', permissions: 'rw' },
        { path: '/dev/made', type: 'c', major: 7, minor: 8, uid: 5 },
      ],
      mounts: [{ hostPath: '/usr/lib', containerPath: '/opt/lib', options: ['ro', 'bind'] }],
      hooks: [{ hookName: 'createContainer', path: '/bin/hook', args: ['hook', 'x'] }],
      additionalGids: [44, 0],
      netDevices: [{ hostInterfaceName: 'eth9', name: 'rdma0' }],
    },
  ]);
  expect(spec.process?.env).toContain('GPU=0');
  expect(spec.process?.user?.additionalGids).toEqual([44]);
  expect(spec.linux?.devices).toMatchObject([
    { path: '/dev/null0', type: 'c', major: 1, minor: 3, uid: 33, gid: 34 },
    { path: '/dev/made', type: 'c', major: 7, minor: 8, uid: 5, gid: 34 },
  ]);
  expect(spec.linux?.resources?.devices).toContainEqual({
    allow: true,
    type: 'c',
    major: 1,
    minor: 3,
    access: 'rw',
  });
  expect(spec.mounts).toContainEqual({
    destination: '/opt/lib',
    source: '/usr/lib',
    type: 'bind',
    options: ['ro', 'bind'],
  });
  expect(spec.hooks?.createContainer).toEqual([{ path: '/bin/hook', args: ['hook', 'x'] }]);
  expect(spec.linux?.netDevices).toEqual({ eth9: { name: 'rdma0' } });
});

it('names a device node that the host does not have', async () => {
  await expect(
    applyCdiEdits(defaultLinuxSpec(), [{ deviceNodes: [{ path: '/dev/no-such-node' }] }]),
  ).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('/dev/no-such-node') });
});
