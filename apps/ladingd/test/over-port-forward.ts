// SPDX-License-Identifier: Apache-2.0
import type { RuntimeClient } from '@lading/cri-api';
import { connectSpdy } from '../../../packages/cri-streaming/test/spdy-client.ts';

/** What answers a request to a port of the pod, over SPDY as kubelets speak it; asked again until somebody listens. */
export async function askOverPortForward(
  runtime: RuntimeClient,
  podSandboxId: string,
  port: number,
  request: string,
): Promise<string> {
  for (;;) {
    const { url } = await runtime.portForward({ podSandboxId, port: [] });
    const client = await connectSpdy(url, ['portforward.k8s.io']);
    const headers = { port: String(port), requestid: '0' };
    const error = client.open({ ...headers, streamtype: 'error' });
    const data = client.open({ ...headers, streamtype: 'data' });
    client.send(error, '', true);
    client.send(data, request);
    await client.until(() =>
      client.events.some((event) => event === `fin ${error}` || event === `reset ${error} 5`),
    );
    client.destroy();
    const heard = client.text(error) || client.text(data);
    if (!heard.includes('ECONNREFUSED')) return heard;
  }
}
