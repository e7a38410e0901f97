%% The contract as an Erlang program meets it. Reads every golden file of the directory
%% it is given, with safe decoding; checks that the fields are named and typed as the
%% contract says; and writes each again in the forms Erlang has: atoms in Latin-1, in
%% UTF-8, and compressed. Then it writes settings as a dashboard of 2018 did.
%%
%% Answers with one line a message: its name, then the forms in hexadecimal.
main([Directory]) ->
    Files = filelib:wildcard("*.etf", Directory),
    [again(filename:rootname(F), filename:join(Directory, F)) || F <- Files, not old(F)],
    written("settings_2018_atoms", settings_2018(fun(Key) -> Key end)),
    written("settings_2018_binaries", settings_2018(fun(Key) -> atom_to_binary(Key) end)).

old(File) -> string:prefix(File, "settings_2018") =/= nomatch.

again(Name, Path) ->
    {ok, Bytes} = file:read_file(Path),
    Term = binary_to_term(Bytes, [safe]),
    [Kind | _] = string:split(Name, "_"),
    try ok = kind(Kind, Term) catch _:Reason -> exit({Name, Reason, Term}) end,
    written(Name, Term).

written(Name, Term) ->
    Forms = [term_to_binary(Term, [{minor_version, 1}]),
             term_to_binary(Term, [{minor_version, 2}]),
             term_to_binary(Term, [{compressed, 9}])],
    io:put_chars(lists:join(" ", [Name | [binary:encode_hex(F) || F <- Forms]]) ++ "\n").

kind("settings", #{<<"node">> := Node, <<"v">> := 1} = M) when map_size(M) =:= 2 ->
    text(Node);
kind("settings", #{<<"id">> := Id, <<"name">> := Name, <<"api_credentials">> := Credentials,
                   <<"revision">> := Revision, <<"allowed_origins">> := Origins,
                   <<"settings">> := #{<<"clients_2018">> := Clients, <<"deleted">> := Deleted,
                                       <<"events">> := Events},
                   <<"v">> := 1}) ->
    all([positive(Id), text(Name), count(Revision), texts(Origins), bool(Clients),
         bool(Deleted), texts(Events) | [credential(C) || C <- Credentials]]);
kind("event", #{<<"app">> := App, <<"conversation">> := Conversation, <<"kind">> := Kind,
                <<"rev">> := Rev, <<"seq">> := Seq, <<"message">> := Message,
                <<"participant">> := Participant, <<"v">> := 1}) ->
    all([positive(App), text(Conversation), text(Kind), count(Rev), count(Seq),
         message(Message), participant(Participant)]);
kind("signal", #{<<"app">> := App, <<"conversation">> := Conversation, <<"kind">> := Kind,
                 <<"node">> := Node, <<"ref">> := Ref, <<"to_user">> := ToUser,
                 <<"user">> := User, <<"at">> := At, <<"v">> := 1}) ->
    all([positive(App), text(Conversation), text(Kind), text(Node), text(Ref),
         bool(ToUser), user(User), time(At)]);
kind("statistics", #{<<"node">> := Node, <<"from">> := From, <<"to">> := To,
                     <<"apps">> := Apps, <<"v">> := 1}) ->
    all([text(Node), time(From), time(To) | [app(A) || A <- Apps]]);
kind("outgoing", #{<<"id">> := Id, <<"type">> := Type, <<"app">> := App, <<"at">> := At,
                   <<"data">> := #{<<"conversation">> := Conversation,
                                   <<"message">> := Message,
                                   <<"participant">> := Participant},
                   <<"v">> := 1}) ->
    all([text(Id), text(Type), positive(App), time(At), text(Conversation),
         message(Message), participant(Participant)]).

credential(#{<<"public_id">> := Id, <<"private_key">> := Key, <<"secret">> := Secret,
             <<"active">> := Active}) ->
    all([text(Id), text(Key), text(Secret), bool(Active)]).

message(nil) -> ok;
message(#{<<"id">> := Id, <<"seq">> := Seq, <<"rev">> := Rev, <<"client_id">> := ClientId,
          <<"author">> := #{<<"role">> := Role} = Author, <<"kind">> := Kind,
          <<"body">> := Body, <<"reply_to">> := ReplyTo, <<"mentions">> := Mentions,
          <<"attachments">> := Attachments, <<"reactions">> := Reactions,
          <<"sent_at">> := Sent, <<"edited_at">> := Edited, <<"deleted_at">> := Deleted,
          <<"hidden_at">> := Hidden}) ->
    all([text(Id), positive(Seq), positive(Rev), text(ClientId), user(Author), text(Role),
         text(Kind), text(Body), text(ReplyTo), texts(Mentions), time(Sent), time(Edited),
         time(Deleted), time(Hidden), texts(maps:keys(Reactions))]
        ++ [attachment(A) || A <- Attachments]
        ++ [texts(Users) || Users <- maps:values(Reactions)]).

attachment(#{<<"id">> := Id, <<"name">> := Name, <<"type">> := Type, <<"size">> := Size,
             <<"width">> := Width, <<"height">> := Height}) ->
    all([text(Id), text(Name), text(Type), count(Size), count(Width), count(Height)]).

participant(nil) -> ok;
participant(#{<<"user">> := User, <<"role">> := Role, <<"banned_until">> := Banned,
              <<"read_seq">> := Read, <<"last_seen">> := Seen, <<"rev">> := Rev,
              <<"joined_at">> := Joined}) ->
    all([user(User), text(Role), time(Banned), count(Read), time(Seen), count(Rev), time(Joined)]).

user(#{<<"id">> := Id, <<"name">> := Name, <<"avatar">> := Avatar}) ->
    all([text(Id), text(Name), text(Avatar)]).

app(#{<<"app">> := App, <<"connections">> := Now, <<"peak">> := Peak, <<"joins">> := Joins,
      <<"messages">> := Messages, <<"bytes">> := Bytes, <<"users">> := Users,
      <<"conversations">> := Conversations, <<"keys_used">> := Keys,
      <<"ack_p50_us">> := P50, <<"ack_p99_us">> := P99, <<"refused">> := Refused}) ->
    all([positive(App), count(Now), count(Peak), count(Joins), count(Messages), count(Bytes),
         texts(Users), texts(Conversations), texts(Keys), count(P50), count(P99)
         | [refusal(R) || R <- Refused]]).

refusal(#{<<"reason">> := Reason, <<"key">> := Key, <<"origin">> := Origin,
          <<"count">> := Count, <<"last">> := Last}) ->
    all([text(Reason), text(Key), text(Origin), count(Count), time(Last)]).

%% A time is an integer, milliseconds since 1970, or nil for never.
time(nil) -> ok;
time(T) when is_integer(T), T >= 0 -> ok.

text(B) when is_binary(B) ->
    true = is_list(unicode:characters_to_list(B)),
    ok.

texts(L) when is_list(L) -> all([text(B) || B <- L]).
bool(B) when is_boolean(B) -> ok.
count(N) when is_integer(N), N >= 0 -> ok.
positive(N) when is_integer(N), N > 0 -> ok.
all(Checks) -> true = lists:all(fun(C) -> C =:= ok end, Checks), ok.

%% What Elixir's term_to_binary made of the dashboard's records in 2018: structs with
%% their names and dates, keys that are atoms, no revision and no secret.
settings_2018(Key) ->
    Date = #{'__struct__' => 'Elixir.NaiveDateTime', calendar => 'Elixir.Calendar.ISO',
             year => 2018, month => 12, day => 24, hour => 18, minute => 0, second => 0,
             microsecond => {123456, 6}},
    Credential = fun(Id, Private, Active) ->
        #{Key('__struct__') => 'Elixir.Planga.Chat.APIKeyPair', Key(public_id) => Id,
          Key(private_key) => Private, Key(active) => Active, Key(inserted_at) => Date}
    end,
    #{Key('__struct__') => 'Elixir.Planga.Chat.App', Key(id) => 42,
      Key(name) => <<"Weihnachtsmarkt Köln"/utf8>>,
      Key('__meta__') => {'Elixir.Ecto.Schema.Metadata', loaded, [1, 2, 3], 1.5, 1 bsl 80},
      Key(updated_at) => nil,
      Key(api_credentials) => [Credential(<<"pk_2018">>, <<"AAECAwQFBgcICQoLDA0ODw">>, true),
                               Credential(<<"pk_old">>, nil, false),
                               Credential(<<"pk_nil">>, <<"x">>, nil)]}.
