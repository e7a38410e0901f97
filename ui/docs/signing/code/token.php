<?php

/** Vouches for a user of your site, for one hour. */
function chat_token(string $userId, string $name, string $conversation): string
{
    $secret = getenv('PLANGA_SECRET') ?: throw new RuntimeException('PLANGA_SECRET is not set');
    $header = ['alg' => 'HS256', 'typ' => 'JWT', 'kid' => 'pk_example'];
    $claims = [
        'sub' => $userId,
        'name' => $name,
        'conversation_id' => $conversation,
        'exp' => time() + 3600,
    ];
    $encode = fn (string $data) => rtrim(strtr(base64_encode($data), '+/', '-_'), '=');
    $signed = $encode(json_encode($header, JSON_THROW_ON_ERROR)) . '.' . $encode(json_encode($claims, JSON_THROW_ON_ERROR));
    return $signed . '.' . $encode(hash_hmac('sha256', $signed, $secret, true));
}

echo chat_token('8812', 'Jonas Lindqvist', 'bike-4120'), "\n";
