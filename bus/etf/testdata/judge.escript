%% Reads messages in hexadecimal, one a line; each may be followed by the term it is
%% meant to be, in Erlang's notation. Answers each with what Erlang itself writes for
%% the term it found: with atoms in Latin-1, in UTF-8, and compressed.
main(_) ->
    ok = io:setopts(standard_io, [{encoding, latin1}]),
    lines().

lines() ->
    case io:get_line("") of
        eof -> ok;
        Line -> io:put_chars(answer(string:trim(Line)) ++ "\n"), lines()
    end.

answer(Line) ->
    [Hex | Notation] = string:split(Line, " "),
    try
        Term = binary_to_term(binary:decode_hex(list_to_binary(Hex)), [safe]),
        ok = agree(Term, Notation),
        Forms = [term_to_binary(Term, [{minor_version, 1}]),
                 term_to_binary(Term, [{minor_version, 2}]),
                 term_to_binary(Term, [{compressed, 9}])],
        string:join([binary_to_list(binary:encode_hex(F)) || F <- Forms], " ")
    catch
        Class:Reason -> lists:flatten(io_lib:format("~0p ~0p", [Class, Reason]))
    end.

agree(_, []) -> ok;
agree(Term, [Notation]) ->
    {ok, Tokens, _} = erl_scan:string(Notation ++ "."),
    case erl_parse:parse_term(Tokens) of
        {ok, Term} -> ok;
        {ok, Meant} -> {differs, Term, Meant}
    end.
