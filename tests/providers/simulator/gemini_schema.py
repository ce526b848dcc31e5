"""The body of `generateContent` on the Developer API, as a table of fields."""

from __future__ import annotations

from .fields import array, boolean, integer, number, one_of, record, string

_CONTENT = record(
    {
        "role": one_of("user", "model"),
        "parts": array(
            record(
                {
                    "text": string(),
                    "inlineData": record(
                        {"mimeType": string(required=True), "data": string(required=True)}
                    ),
                    "fileData": record({"mimeType": string(), "fileUri": string(required=True)}),
                    "thought": boolean(),
                    "thoughtSignature": string(),
                }
            ),
            required=True,
        ),
    }
)
_CATEGORIES = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
_THRESHOLDS = (
    "OFF",
    "BLOCK_NONE",
    "BLOCK_ONLY_HIGH",
    "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_LOW_AND_ABOVE",
)

REQUEST = record(
    {
        "contents": array(_CONTENT, required=True),
        "systemInstruction": _CONTENT,
        "generationConfig": record(
            {
                "responseModalities": array(one_of("TEXT", "IMAGE")),
                "imageConfig": record({"aspectRatio": string(), "imageSize": string()}),
                "seed": integer(-(2**31), 2**31 - 1),
                "temperature": number(0, 2),
                "topP": number(0, 1),
                "topK": number(1),
                "maxOutputTokens": integer(1),
                "candidateCount": integer(1),
                "stopSequences": array(string()),
                "thinkingConfig": record(
                    {
                        "thinkingLevel": one_of("MINIMAL", "LOW", "MEDIUM", "HIGH"),
                        "includeThoughts": boolean(),
                    }
                ),
            }
        ),
        "safetySettings": array(
            record(
                {
                    "category": one_of(
                        *(f"HARM_CATEGORY_{name}" for name in _CATEGORIES), required=True
                    ),
                    "threshold": one_of(*_THRESHOLDS, required=True),
                }
            )
        ),
        "tools": array(record({"googleSearch": record({})})),
    }
)
