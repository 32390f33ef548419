#!/usr/bin/env escript
%% An SSH server on Erlang's ssh that lets one user in with one key and forwards to wherever it is asked.
%%
%% Arguments: PORT USER HOST_KEY_FILE AUTHORIZED_KEYS_FILE. Erlang finds the files by their folders and fixed
%% names: ssh_host_TYPE_key, authorized_keys. Listens on 127.0.0.1.

main([Port, _User, HostKeyFile, AuthorizedKeysFile]) ->
    {ok, _} = application:ensure_all_started(ssh),
    {ok, _} = ssh:daemon({127, 0, 0, 1}, list_to_integer(Port),
                         [{system_dir, filename:dirname(HostKeyFile)},
                          {user_dir, filename:dirname(AuthorizedKeysFile)},
                          {auth_methods, "publickey"},
                          {tcpip_tunnel_in, true},
                          {shell, disabled},
                          {exec, disabled},
                          {subsystems, []}]),
    receive stop -> ok end.
