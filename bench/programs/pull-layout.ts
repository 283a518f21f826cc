// SPDX-License-Identifier: Apache-2.0
// Pulls an image into an OCI layout: pull-layout REFERENCE FOLDER
import { parseReference } from '@lading/image-spec';
import { createRegistryClient, pullImage } from '@lading/registry-client';
import { openLayout } from '@lading/registry-client/layout';

const [text = '', folder = ''] = process.argv.slice(2);
const reference = parseReference(text);
await using client = createRegistryClient({ tlsVerify: false });
const store = await openLayout(folder);
await pullImage(client.repository(reference), reference.tag ?? 'latest', store);
