// An SSH server on npm's ssh2 that lets one user in with one key and forwards to wherever it is asked.
//
// Arguments: PORT USER HOST_KEY_FILE AUTHORIZED_KEYS_FILE. Listens on 127.0.0.1.
'use strict';

const fs = require('fs');
const net = require('net');
const { Server, utils } = require('ssh2');

const [port, user, hostKeyFile, authorizedKeysFile] = process.argv.slice(2);
const allowedKey = utils.parseKey(fs.readFileSync(authorizedKeysFile));

function authenticate(attempt) {
  const allowed = attempt.method === 'publickey' && attempt.username === user &&
    allowedKey.getPublicSSH().equals(attempt.key.data) &&
    // Without a signature it is the question whether the key would do.
    (!attempt.signature || allowedKey.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true);
  if (allowed)
    attempt.accept();
  else
    attempt.reject(['publickey']);
}

function forward(accept, reject, request) {
  const target = net.connect({ host: request.destIP, port: request.destPort, allowHalfOpen: true });
  let channel;
  target.once('connect', () => {
    channel = accept();
    channel.once('close', () => target.destroy());
    channel.pipe(target).pipe(channel);
  });
  target.on('error', () => channel ? channel.close() : reject());
}

const server = new Server({ hostKeys: [fs.readFileSync(hostKeyFile)] }, (client) => {
  client.on('authentication', authenticate);
  client.on('tcpip', forward);
  // A client that goes away ends its own session alone.
  client.on('error', () => {});
});
server.listen(Number(port), '127.0.0.1');
