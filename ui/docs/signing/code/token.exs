defmodule ChatToken do
  @doc "Vouches for a user of your site, for one hour."
  def sign(user_id, name, conversation) do
    header = %{alg: "HS256", typ: "JWT", kid: "pk_example"}

    claims = %{
      sub: to_string(user_id),
      name: name,
      conversation_id: conversation,
      exp: System.os_time(:second) + 3600
    }

    signed = encode(json(header)) <> "." <> encode(json(claims))
    secret = System.fetch_env!("PLANGA_SECRET")
    signed <> "." <> encode(:crypto.mac(:hmac, :sha256, secret, signed))
  end

  defp encode(data), do: Base.url_encode64(data, padding: false)

  # Elixir 1.18 has JSON.encode!, and Jason.encode! does the same: use one of them if you have it.
  defp json(map) when is_map(map) do
    "{" <> Enum.map_join(map, ",", fn {key, value} -> json(to_string(key)) <> ":" <> json(value) end) <> "}"
  end

  defp json(number) when is_integer(number), do: Integer.to_string(number)

  defp json(text) do
    escape = fn <<c>> -> "\\u" <> String.pad_leading(Integer.to_string(c, 16), 4, "0") end
    "\"" <> String.replace(text, ~r/["\\\x00-\x1f]/, escape) <> "\""
  end
end

IO.puts(ChatToken.sign("8812", "Jonas Lindqvist", "bike-4120"))
