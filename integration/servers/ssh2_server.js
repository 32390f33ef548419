// An SSH server on npm's ssh2 that lets one user in with one key and forwards to wherever it is asked, and
// runs commands.
//
// Arguments: PORT USER HOST_KEY_FILE AUTHORIZED_KEYS_FILE. Listens on 127.0.0.1.
'use strict';

const childProcess = require('child_process');
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

function run(accept, reject, request) {
  const stream = accept();
  const command = childProcess.spawn('/bin/sh', ['-c', request.command]);
  stream.pipe(command.stdin);
  // One that has ended takes no more.
  command.stdin.on('error', () => {});
  command.stdout.pipe(stream, { end: false });
  command.stderr.pipe(stream.stderr);
  command.on('close', (status) => {
    stream.exit(status === null ? 1 : status);
    stream.end();
  });
  stream.on('close', () => command.kill());
}

const server = new Server({ hostKeys: [fs.readFileSync(hostKeyFile)] }, (client) => {
  client.on('authentication', authenticate);
  client.on('tcpip', forward);
  client.on('session', (accept) => accept().on('exec', run));
  // A client that goes away ends its own session alone.
  client.on('error', () => {});
});
server.listen(Number(port), '127.0.0.1');
