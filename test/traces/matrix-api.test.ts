import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Installation, installation } from '../contracts/api-installation.ts';
import { type MatrixRow, matrix, rowName } from './matrix.ts';

// The same 256 rows through the API: 96 are refused as the file says, 160 become the order of their call.
let lab: Installation;
before(async () => {
  lab = await installation();
});
after(() => lab.close());

for (const row of matrix) {
  test(`matrix through the API: ${rowName(row)}`, async () => {
    const answer = await lab.call('start.simple_call', parametersOf(row));
    if (row.error) {
      const { code, message, data } = answer.error!;
      assert.deepEqual({ code, mnemonic: data.mnemonic, message }, row.error);
      return;
    }
    assert.ok(answer.result, JSON.stringify(answer.error));
    const order = lab.calls.orders.at(-1)!;
    assert.equal(order.firstCall, row.first_call);
    assert.equal(order.switchAtOnce, row.switch_at_once);
    assert.equal(order.earlySwitching, row.early_switching);
    assert.equal(order.music.name, row.media_file_id ? 'jingle' : 'dialing_music');
    assert.equal(order.operatorMessage?.name, row.operator_message ? 'whisper' : undefined);
    assert.equal(order.contactMessage?.name, row.contact_message ? 'jingle' : undefined);
    assert.equal(order.operatorConfirmation, row.operator_confirmation ? '1' : undefined);
    assert.equal(order.dtmfString, row.dtmf_string ? '.1.2' : undefined);
  });
}

function parametersOf(row: MatrixRow): Record<string, unknown> {
  return {
    first_call: row.first_call,
    switch_at_once: row.switch_at_once,
    early_switching: row.early_switching,
    virtual_phone_number: '74993720692',
    contact: '79260000000',
    operator: '79262444491',
    ...(row.media_file_id && { media_file_id: 2701 }),
    ...(row.operator_message && { operator_message: { type: 'media', value: '2561' } }),
    ...(row.contact_message && { contact_message: { type: 'media', value: '2701' } }),
    ...(row.operator_confirmation && { operator_confirmation: '1' }),
    ...(row.dtmf_string && { dtmf_string: '.1.2' }),
  };
}
